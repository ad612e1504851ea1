import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectionFailed, PosthouseClient, RateLimited, ServerError, TimedOut } from "@posthouse/sdk";
import { faulty, problem } from "./faulty_server.mjs";

const RECORD = { body: { sms_id: "sms_1", state: "queued" } };
const MESSAGE = { to: "+15555550123", body: "Hello" };

function client(server, more) {
  return new PosthouseClient({ apiKey: "ph_test_key", baseUrl: server.url, ...more });
}

test("a send is repeated twice under one idempotency key", async (t) => {
  const server = await faulty(t, problem(503, "overloaded"), { reset: true }, RECORD);
  assert.equal((await client(server).sms.send(MESSAGE)).sms_id, "sms_1");
  const keys = server.requests.map((one) => one.headers["idempotency-key"]);
  assert.equal(keys.length, 3);
  assert.equal(new Set(keys).size, 1);
  assert.match(keys[0], /^[0-9a-f-]{36}$/);
  assert.equal(new Set(server.requests.map((one) => one.body)).size, 1);
});

test("after two repetitions the error is the caller's", async (t) => {
  const server = await faulty(t, problem(500, "internal"));
  await assert.rejects(client(server).sms.send(MESSAGE), ServerError);
  assert.equal(server.requests.length, 3);
});

test("each send has a key of its own, and one the caller names stays as it is", async (t) => {
  const server = await faulty(t, RECORD);
  await client(server).sms.send(MESSAGE);
  await client(server).sms.send(MESSAGE);
  await client(server).sms.send({ ...MESSAGE, idempotency_key: "order-1" });
  await client(server).sms.send(MESSAGE, { idempotencyKey: "order-2" });
  const [a, b, c, d] = server.requests;
  assert.notEqual(a.headers["idempotency-key"], b.headers["idempotency-key"]);
  assert.equal(c.headers["idempotency-key"], undefined);
  assert.equal(JSON.parse(c.body).idempotency_key, "order-1");
  assert.equal(d.headers["idempotency-key"], "order-2");
});

test("a key that no header can hold goes in the body", async (t) => {
  const server = await faulty(t, RECORD);
  for (const idempotencyKey of ["订单-4711", "order 4711", "é"]) {
    await client(server).sms.send(MESSAGE, { idempotencyKey });
    const { headers, body } = server.requests.at(-1);
    assert.equal(headers["idempotency-key"], undefined);
    assert.deepEqual(JSON.parse(body), { ...MESSAGE, idempotency_key: idempotencyKey });
  }
});

test("patience may be without end, but not nothing", async (t) => {
  const server = await faulty(t, RECORD);
  assert.equal((await client(server, { timeoutMs: Infinity }).sms.send(MESSAGE)).sms_id, "sms_1");
  for (const timeoutMs of [0, -1, Number.NaN]) {
    await assert.rejects(client(server).sms.send(MESSAGE, { timeoutMs }), { name: "InvalidSettings" });
  }
});

test("what takes no idempotency key and changes something is never repeated", async (t) => {
  const server = await faulty(t, problem(503, "overloaded"));
  await assert.rejects(client(server).templates.update("tpl_1", { name: "New" }), ServerError);
  assert.equal(server.requests.length, 1);
  assert.equal(server.requests[0].headers["idempotency-key"], undefined);
});

for (const [call, verb] of [
  [(c) => c.sms.status("sms_1"), "GET"],
  [(c) => c.suppressions.delete("sup_1"), "DELETE"],
  [(c) => c.prices.set({ prices: { "*": "0.05" } }), "PUT"],
]) {
  test(`a ${verb} is repeated without a key`, async (t) => {
    const server = await faulty(t, { reset: true }, { body: {} });
    await call(client(server));
    assert.deepEqual(server.requests.map((one) => one.method), [verb, verb]);
    assert.equal(server.requests[0].headers["idempotency-key"], undefined);
  });
}

test("refusals that would be refused again are not repeated", async (t) => {
  for (const refusal of [
    problem(400, "invalid_number"),
    problem(402, "insufficient_balance"),
    problem(409, "already_exists", { retryable: false }),
    problem(422, "idempotency_key_reused"),
    problem(429, "otp_cooldown", { headers: { "Retry-After": "0" } }),
    problem(429, "recipient_limited", { headers: { "Retry-After": "0" } }),
    problem(429, "guard_limited", { headers: { "Retry-After": "0" } }),
    problem(503, "unavailable", { retryable: false }),
  ]) {
    const server = await faulty(t, refusal);
    await assert.rejects(client(server).sms.send(MESSAGE));
    assert.equal(server.requests.length, 1, refusal.body.code);
  }
});

test("Retry-After is honoured to the second", async (t) => {
  const server = await faulty(t, problem(429, "rate_limited", { headers: { "Retry-After": "1" } }), RECORD);
  await client(server).sms.send(MESSAGE);
  const [first, second] = server.requests.map((one) => one.at);
  assert.ok(second - first >= 1000 && second - first < 6000, `${second - first} ms`);
});

test("Retry-After may be a date", async (t) => {
  const past = { headers: { "Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT" } };
  const server = await faulty(t, problem(429, "rate_limited", past), RECORD);
  await client(server).sms.send(MESSAGE);
  assert.equal(server.requests.length, 2);
});

test("a wait that does not fit into the call's time is told at once", async (t) => {
  const server = await faulty(t, problem(429, "rate_limited", { headers: { "Retry-After": "40" } }));
  const since = Date.now();
  await assert.rejects(client(server).sms.send(MESSAGE), (error) => {
    assert.ok(error instanceof RateLimited);
    assert.equal(error.retryAfterS, 40);
    return true;
  });
  assert.ok(Date.now() - since < 10_000);
  assert.equal(server.requests.length, 1);
});

test("a server that does not answer is given up in time, and so is one that stops half-way", async (t) => {
  for (const hang of ["before", "within"]) {
    const server = await faulty(t, { hang });
    await assert.rejects(client(server).sms.send(MESSAGE, { timeoutMs: 300, retries: 0 }), (error) => {
      assert.ok(error instanceof TimedOut && error instanceof ConnectionFailed);
      assert.equal(error.idempotencyKey, server.requests[0].headers["idempotency-key"]);
      assert.match(String(error), /0\.3 s[^]*not known[^]*is safe[^]*Fix: /);
      return true;
    });
  }
});

test("a call can be given up by its signal, while it waits for an answer or to try again", async (t) => {
  for (const answer of [{ hang: "before" }, problem(429, "rate_limited", { headers: { "Retry-After": "5" } })]) {
    const server = await faulty(t, answer);
    const stop = new AbortController();
    const reason = new Error("enough");
    const call = client(server).sms.send(MESSAGE, { signal: stop.signal });
    setTimeout(() => stop.abort(reason), 300);
    await assert.rejects(call, (error) => error === reason);
    assert.equal(server.requests.length, 1);
  }
  const server = await faulty(t, RECORD);
  await assert.rejects(client(server).sms.send(MESSAGE, { signal: AbortSignal.abort() }), { name: "AbortError" });
  assert.equal(server.requests.length, 0);
});

test("no retries where none are wanted", async (t) => {
  const server = await faulty(t, problem(500, "internal"));
  await assert.rejects(client(server, { retries: 0 }).sms.send(MESSAGE), ServerError);
  assert.equal(server.requests.length, 1);
});
