// Plays sdk/scenarios.json, which both clients must pass, against a running server.

import assert from "node:assert/strict";
import { randomInt, randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { PosthouseClient, ROUTES } from "@posthouse/sdk";
import * as sdk from "@posthouse/sdk";
import { holds } from "./matching.mjs";

const { POSTHOUSE_TEST_URL: baseUrl, POSTHOUSE_TEST_KEY: apiKey } = process.env;
const { scenarios } = JSON.parse(readFileSync(new URL("../../scenarios.json", import.meta.url), "utf8"));
const camel = (name) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
let numbers = randomInt(1_000);

for (const scenario of scenarios) {
  test(scenario.name, { skip: baseUrl === undefined && "no server: set POSTHOUSE_TEST_URL and POSTHOUSE_TEST_KEY" }, async (t) => {
    const values = given(scenario.given ?? {});
    const clients = callers(t);
    for (const step of scenario.steps) await play(step, values, clients);
  });
}

// Who calls. Nobody and the one who activates have an empty home and no environment that names a key.
function callers(t) {
  const home = mkdtempSync(join(tmpdir(), "posthouse-"));
  t.after(() => rmSync(home, { recursive: true }));
  const empty = { baseUrl, credentialsFile: join(home, ".infrai", "credentials") };
  return {
    owner: new PosthouseClient({ baseUrl, apiKey }),
    stranger: new PosthouseClient({ baseUrl, apiKey: "ph_live_nobodyhasthiskeynobodyhasthiskeynobodyhasthiske" }),
    nobody: new PosthouseClient(empty),
    activated: new PosthouseClient(empty),
  };
}

function given(wanted) {
  const made = Object.entries(wanted).map(([name, how]) => {
    if (how.number) return [name, `+86139${String(numbers++).padStart(4, "0")}${how.number}`];
    if (how.unique) return [name, how.unique + randomUUID()];
    return [name, new Date(Date.now() + how.in_s * 1000).toISOString()];
  });
  return Object.fromEntries(made);
}

async function play(step, values, clients) {
  const said = filledIn(step, values);
  const end = Date.now() + (said.within_s ?? 0) * 1000;
  for (;;) {
    try {
      const { data, response } = await called(said, clients[said.as ?? "owner"]);
      assert.equal(said.error, undefined, `${said.call} should have failed`);
      if (said.status !== undefined) assert.equal(response.status, said.status, said.call);
      if (said.replayed !== undefined) {
        assert.equal(response.headers.get("idempotent-replayed") === "true", said.replayed, said.call);
      }
      if (said.expect !== undefined) holds(data, said.expect, said.call);
      for (const [name, where] of Object.entries(said.save ?? {})) values[name] = found(data, where);
      return;
    } catch (failure) {
      if (said.error !== undefined && !(failure instanceof assert.AssertionError)) return refused(failure, said);
      if (Date.now() >= end) throw failure;
      await pause(20);
    }
  }
}

function refused(failure, { call, error }) {
  const { class: name, ...facts } = error;
  assert.equal(failure.constructor, sdk[name] ?? name, `${call}: ${failure}`);
  const expected = Object.fromEntries(Object.entries(facts).map(([fact, value]) => [camel(fact), value]));
  holds(failure, expected, call);
}

async function called({ call, args = {}, items }, client) {
  const callable = call === "activate" ? () => client.activate() : call.split(".").map(camel).reduce((group, inner) => group[inner], client);
  const path = call === "sms.wait" ? "{id}" : ROUTES[call].path;
  const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
  const { ...input } = args;
  for (const name of names) delete input[name];
  const reply = callable(...names.map((name) => args[name]), input);
  if (items !== undefined) return { data: await reply.take(items) };
  return reply.withResponse === undefined ? { data: await reply } : reply.withResponse();
}

function filledIn(value, values) {
  if (Array.isArray(value)) return value.map((one) => filledIn(one, values));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, filledIn(one, values)]));
  }
  if (typeof value !== "string") return value;
  const whole = /^\$\{(\w+)\}$/.exec(value);
  return whole ? values[whole[1]] : value.replace(/\$\{(\w+)\}/g, (_, name) => values[name]);
}

function found(data, where) {
  const { path, find } = typeof where === "string" ? { path: where } : where;
  const value = path.split(".").reduce((inside, name) => inside[name], data);
  assert.notEqual(value, undefined, path);
  return find === undefined ? value : new RegExp(find).exec(value)[0];
}
