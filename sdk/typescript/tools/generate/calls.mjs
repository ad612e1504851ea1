// The calls as methods, as an editor shows them.

import { camel, pascal, queryName, typeName } from "./names.mjs";
import { imports } from "./types.mjs";

/** The text of calls.ts. */
export function calls(operations, homes) {
  const root = { path: [], methods: [], groups: new Map() };
  for (const one of operations) {
    let group = root;
    for (const name of one.name.split(".").slice(0, -1)) {
      if (!group.groups.has(name)) {
        group.groups.set(name, { path: [...group.path, name], methods: [], groups: new Map() });
      }
      group = group.groups.get(name);
    }
    group.methods.push(one);
  }
  const text = interfaces(root).join("\n");
  return (
    'import type { Call } from "../call.js";\nimport type { Listing } from "../listing.js";\n' +
    'import type { RequestOptions } from "../options.js";\n' +
    imports(text, "", homes) +
    text
  );
}

// Groups before what they belong to.
function interfaces(group) {
  const inner = [...group.groups.values()];
  const where =
    group.path.length === 0
      ? "Every call of the API, as a client offers it."
      : `Calls under \`client.${group.path.map(camel).join(".")}\`.`;
  const lines = inner.map((one) => `  readonly ${camel(one.path.at(-1))}: ${interfaceName(one)};\n`);
  const text =
    `/** ${where} */\nexport interface ${interfaceName(group)} {\n` +
    group.methods.map(methodText).join("") +
    lines.join("") +
    "}\n";
  return [...inner.flatMap(interfaces), text];
}

function interfaceName(group) {
  return `${group.path.map(pascal).join("")}Calls`;
}

function methodText(one) {
  const method = camel(one.name.split(".").pop());
  const said = [one.ids.map((id) => `${camel(idName(one, id))}: string`), inputText(one), "request?: RequestOptions"];
  const summary = `${one.summary}.${one.scope === undefined ? "" : ` Scope \`${one.scope}\`.`}`;
  return `  /** ${summary} */\n  ${method}(${said.flat().join(", ")}): ${answer(one)};\n`;
}

// The document calls the id of a message `smsId`.
function idName(one, id) {
  return one.group === "sms" && id === "id" ? "sms_id" : id;
}

function inputText(one) {
  if (one.input === null) return [];
  const type = one.input === "query" ? queryName(one) : refName(one.body);
  return [`${one.input === "query" ? "query" : "opts"}${one.required ? "" : "?"}: ${type}`];
}

function answer(one) {
  if (one.paged) return `Listing<${refName(one.item)}>`;
  return `Call<${one.reply === undefined ? "void" : refName(one.reply)}>`;
}

function refName(schema) {
  return typeName(schema.$ref.split("/").pop());
}
