// Types of requests and replies, one file for each group of calls; a group that grew long has two.

import { queryName, typeName } from "./names.mjs";

const LINES_MAX = 280;

/** {files: {name: text}, homes: {type: file without ending}} */
export function types(spec, operations) {
  const schemas = spec.components.schemas;
  const declared = new Map();
  for (const one of operations) {
    const asked = [...reachable(one.body, schemas)];
    for (const name of asked) declare(declared, typeName(name), one.group, "requests", () => schemaText(schemas[name], typeName(name), true));
    if (one.input === "query") {
      declare(declared, queryName(one), one.group, "requests", () => queryText(one));
    }
    for (const name of reachable(one.reply, schemas)) {
      declare(declared, typeName(name), one.group, "replies", () => schemaText(schemas[name], typeName(name), false));
    }
  }
  declare(declared, "ProblemReply", "problem", "replies", () => schemaText(schemas.ProblemReply, "ProblemReply", false));
  for (const name of reachable(schemas.ProblemReply, schemas)) {
    declare(declared, typeName(name), "problem", "replies", () => schemaText(schemas[name], typeName(name), false));
  }
  return arrange(declared);
}

function declare(declared, name, group, side, write) {
  if (!declared.has(name)) declared.set(name, { group, side, text: write() });
}

function arrange(declared) {
  const files = {};
  const homes = {};
  const groups = Map.groupBy?.(declared, ([, one]) => one.group) ?? grouped(declared);
  for (const [group, members] of groups) {
    const lines = members.reduce((sum, [, one]) => sum + one.text.split("\n").length, 0);
    for (const [name, one] of members) {
      homes[name] = lines > LINES_MAX ? `types/${group}_${one.side}` : `types/${group}`;
    }
  }
  for (const home of new Set(Object.values(homes))) {
    const mine = [...declared].filter(([name]) => homes[name] === home);
    const texts = mine.map(([, one]) => one.text);
    files[`${home}.ts`] = imports(texts.join("\n"), home, homes) + texts.join("\n");
  }
  return { files, homes };
}

function grouped(declared) {
  const groups = new Map();
  for (const entry of declared) groups.set(entry[1].group, [...(groups.get(entry[1].group) ?? []), entry]);
  return groups;
}

/** The import lines a text needs, given where every type lives. */
export function imports(text, home, homes) {
  const code = text.replace(/\/\*\*.*?\*\//gs, "").replace(/"[^"]*"/g, "");
  const used = new Set([...code.matchAll(/\b[A-Z]\w+/g)].map((match) => match[0]));
  const from = new Map();
  for (const name of Object.keys(homes)) {
    if (used.has(name) && homes[name] !== home) from.set(homes[name], [...(from.get(homes[name]) ?? []), name]);
  }
  const lines = [...from].sort().map(([file, names]) => {
    const path = home === "" ? `./${file}.js` : `./${file.replace("types/", "")}.js`;
    return `import type { ${names.sort().join(", ")} } from "${path}";\n`;
  });
  return lines.length > 0 ? `${lines.join("")}\n` : "";
}

function reachable(schema, schemas, seen = new Set()) {
  for (const [, name] of JSON.stringify(schema ?? null).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
    if (!seen.has(name)) {
      seen.add(name);
      reachable(schemas[name], schemas, seen);
    }
  }
  return seen;
}

function schemaText(schema, name, asked) {
  if (schema.properties === undefined) {
    return `${comment(schema.description, "")}export type ${name} = ${typed(schema, asked)};\n`;
  }
  const required = new Set(schema.required ?? []);
  const entries = Object.entries(schema.properties);
  // What must be said comes first.
  if (asked) entries.sort(([a], [b]) => Number(required.has(b)) - Number(required.has(a)));
  const fields = entries.map(([field, one]) => fieldText(field, one, required.has(field), asked));
  return `${comment(schema.description, "")}export interface ${name} {\n${fields.join("")}}\n`;
}

function queryText(one) {
  const fields = one.query.map((field) =>
    fieldText(field.name, { description: field.description, ...field.schema }, field.required, true),
  );
  return `${comment(`${one.summary}: which.`, "")}export interface ${queryName(one)} {\n${fields.join("")}}\n`;
}

function fieldText(name, schema, required, asked) {
  const key = /^\w+$/.test(name) ? name : JSON.stringify(name);
  // A caller may hand over `undefined` for what it leaves out; JSON leaves it out too.
  const type = required ? typed(schema, asked) : `${typed(schema, asked)}${asked ? " | undefined" : ""}`;
  return `${comment(described(schema), "  ")}  ${asked ? "" : "readonly "}${key}${required ? "" : "?"}: ${type};\n`;
}

function described(schema) {
  const example = schema.examples?.[0];
  const shown = ["string", "number"].includes(typeof example) && example !== "" ? `As \`${example}\`.` : "";
  return [schema.description, shown].filter(Boolean).join(" ");
}

function comment(text, indent) {
  return text ? `${indent}/** ${text.replaceAll("*/", "* /")} */\n` : "";
}

function typed(schema, asked) {
  if (schema.$ref !== undefined) return typeName(schema.$ref.split("/").pop());
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return [...new Set(schema.enum.map((one) => JSON.stringify(one)))].join(" | ");
  const either = schema.anyOf ?? schema.oneOf;
  if (either !== undefined) return [...new Set(either.map((one) => typed(one, asked)))].join(" | ");
  const kinds = [schema.type].flat();
  return [...new Set(kinds.map((kind) => plain(kind, schema, asked)))].join(" | ");
}

function plain(kind, schema, asked) {
  if (kind === "array") return `${asked ? "readonly " : ""}${bracketed(typed(schema.items ?? {}, asked))}[]`;
  if (kind === "object") return objectText(schema, asked);
  return { string: "string", integer: "number", number: "number", boolean: "boolean", null: "null" }[kind] ?? "unknown";
}

function objectText(schema, asked) {
  if (schema.properties !== undefined) {
    const required = new Set(schema.required ?? []);
    const fields = Object.entries(schema.properties).map(
      ([name, one]) => `${name}${required.has(name) ? "" : "?"}: ${typed(one, asked)}`,
    );
    return `{ ${fields.join("; ")} }`;
  }
  const values = schema.additionalProperties;
  return `Record<string, ${values === undefined || values === true ? "unknown" : typed(values, asked)}>`;
}

function bracketed(type) {
  return type.includes(" | ") || type.startsWith("readonly ") ? `(${type})` : type;
}
