// What "at least this" means: the words of sdk/scenarios.json.

import assert from "node:assert/strict";

/** Fails unless a value holds at least what is expected. */
export function holds(value, expected, where) {
  if (Array.isArray(expected)) {
    assert.ok(Array.isArray(value), `${where} is no list`);
    assert.equal(value.length, expected.length, `${where}: how many`);
    expected.forEach((one, index) => holds(value[index], one, `${where}.${index}`));
  } else if (typeof expected === "object" && expected !== null) {
    for (const [name, one] of Object.entries(expected)) {
      if (name.startsWith("$")) special(name, value, one, where);
      else holds(value?.[name], one, `${where}.${name}`);
    }
  } else {
    assert.equal(value, expected, where);
  }
}

function special(name, value, wanted, where) {
  if (name === "$match") assert.match(String(value), new RegExp(wanted), where);
  else if (name === "$in") assert.ok(wanted.includes(value), `${where}: ${value}`);
  else if (name === "$count") assert.equal(value?.length, wanted, `${where}: how many`);
  else if (name === "$absent") assert.equal(value, undefined, where);
  else assert.fail(`${where}: no meaning for ${name}`);
}
