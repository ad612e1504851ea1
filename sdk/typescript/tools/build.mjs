// Checks the types and writes dist: ES modules, CommonJS, and declarations for both.
//   node build.mjs [--check]
// With --check nothing is written; the exit status says whether anything would be.

import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const HERE = dirname(fileURLToPath(import.meta.url));
const SOURCE = join(HERE, "..", "src");
const TARGET = join(HERE, "..", "dist");
const CHECK = process.argv.includes("--check");

const settings = ts.getParsedCommandLineOfConfigFile(join(HERE, "tsconfig.json"), {}, {
  ...ts.sys,
  onUnRecoverableConfigFileDiagnostic: (diagnostic) => fail([diagnostic]),
});

const built = new Map([["cjs/package.json", '{ "type": "commonjs" }\n']]);
const program = declarations(settings);
for (const file of settings.fileNames) {
  // A module of types alone leaves nothing to load.
  if (!program.getSourceFile(file).statements.every(isOfTypes)) scripts(file, settings.options);
}

const present = existsSync(TARGET)
  ? readdirSync(TARGET, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(TARGET, join(entry.parentPath ?? entry.path, entry.name)))
  : [];
if (CHECK) compare();
else write();

function declarations({ fileNames, options }) {
  const program = ts.createProgram(fileNames, { ...options, emitDeclarationOnly: true });
  const emitted = program.emit(undefined, (path, text) => {
    const name = relative(options.outDir, path);
    built.set(join("esm", name), text);
    built.set(join("cjs", name), text);
  });
  const found = [
    ...program.getOptionsDiagnostics(),
    ...program.getGlobalDiagnostics(),
    ...program.getSyntacticDiagnostics(),
    ...program.getSemanticDiagnostics(),
    ...emitted.diagnostics,
  ];
  if (found.length > 0) fail(found);
  return program;
}

function isOfTypes(statement) {
  return (
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    (ts.isExportDeclaration(statement) && statement.isTypeOnly) ||
    (ts.isImportDeclaration(statement) && statement.importClause?.isTypeOnly === true)
  );
}

function scripts(file, options) {
  const text = readFileSync(file, "utf8");
  const name = relative(SOURCE, file).replace(/\.ts$/, ".js");
  // The ending of the file says which of the two it becomes; `import()` stays what it is in both.
  for (const [folder, ending] of [["esm", ".mts"], ["cjs", ".cts"]]) {
    const compilerOptions = { target: options.target, module: ts.ModuleKind.NodeNext, removeComments: true };
    const { outputText } = ts.transpileModule(text, { fileName: file.replace(/\.ts$/, ending), compilerOptions });
    built.set(join(folder, name), outputText);
  }
}

function compare() {
  const changed = [...built].filter(
    ([name, text]) => !present.includes(name) || readFileSync(join(TARGET, name), "utf8") !== text,
  );
  const stale = [...changed.map(([name]) => name), ...present.filter((name) => !built.has(name))];
  if (stale.length === 0) return;
  console.error(`dist is not what src makes: ${stale.sort().join(", ")}`);
  console.error("Run `make sdk` and commit what it changes.");
  process.exit(1);
}

function write() {
  rmSync(TARGET, { recursive: true, force: true });
  for (const [name, text] of built) {
    mkdirSync(dirname(join(TARGET, name)), { recursive: true });
    writeFileSync(join(TARGET, name), text);
  }
}

function fail(diagnostics) {
  console.error(
    ts.formatDiagnostics(diagnostics, {
      getCanonicalFileName: (name) => name,
      getCurrentDirectory: () => HERE,
      getNewLine: () => "\n",
    }),
  );
  process.exit(1);
}
