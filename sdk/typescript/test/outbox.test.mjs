import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { PosthouseClient } from "@posthouse/sdk";
import { SmsOutbox, codeIn } from "@posthouse/sdk/testing";

const { POSTHOUSE_TEST_URL: baseUrl, POSTHOUSE_TEST_KEY: apiKey } = process.env;
const skip = baseUrl === undefined && "no server: set POSTHOUSE_TEST_URL and POSTHOUSE_TEST_KEY";
const client = new PosthouseClient({ baseUrl, apiKey });
const outbox = new SmsOutbox(client);
const number = () => `+86138${randomInt(1_000, 9_999)}8000`;

test("the outbox waits for the newest message of a number", { skip }, async () => {
  const to = number();
  const first = outbox.last(to);
  await client.sms.send({ to, body: "Your code is 4711, ask 10086 if in doubt." });
  assert.equal((await first).text, "Your code is 4711, ask 10086 if in doubt.");
  assert.equal(await outbox.lastCode(to), "4711");
  assert.equal((await outbox.messages(to)).length, 1);
});

test("the code for autofill counts before any other digits", { skip }, async () => {
  const to = number();
  const { sms_id } = await client.sms.send({ to, body: "Valid until 1999.\n@shop.example #824193" });
  assert.equal(await outbox.lastCode(to, { smsId: sms_id }), "824193");
});

test("a code is found among other numbers", () => {
  const { codes } = JSON.parse(readFileSync(new URL("../../scenarios.json", import.meta.url), "utf8"));
  assert.deepEqual(Object.fromEntries(Object.keys(codes).map((text) => [text, codeIn(text) ?? null])), codes);
});

test("where nothing comes it says what was awaited and what to check", { skip }, async () => {
  await assert.rejects(outbox.lastCode(number(), { timeoutMs: 60 }), {
    name: "StillOpen",
    message: /did not get a message with a code within 0\.06 s\.\nFix: /,
  });
});
