import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { inspect } from "node:util";
import { test } from "node:test";
import * as sdk from "@posthouse/sdk";
import { faulty, problem } from "./faulty_server.mjs";

const KEY = "ph_live_sEcReT9hTq2LmXw4";
const MESSAGE = { to: "+15555550123", body: "Your code is 824193." };

function client(server, more) {
  return new sdk.PosthouseClient({ apiKey: KEY, baseUrl: server.url, retries: 0, ...more });
}

async function thrown(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return assert.fail("nothing was thrown");
}

test("every status has its class, and all are APIErrors", async (t) => {
  const classes = {
    400: "BadRequest",
    401: "AuthenticationError",
    402: "InsufficientBalance",
    403: "PermissionDenied",
    404: "NotFound",
    409: "Conflict",
    413: "APIError",
    422: "Unprocessable",
    429: "RateLimited",
    500: "ServerError",
    503: "ServerError",
  };
  for (const [status, name] of Object.entries(classes)) {
    const error = await thrown(client(await faulty(t, problem(Number(status), "some_code"))).sms.send(MESSAGE));
    assert.ok(error instanceof sdk[name], name);
    assert.ok(error instanceof sdk.APIError && error instanceof sdk.PosthouseError && error instanceof Error);
    assert.equal(error.name, name);
    assert.equal(error.status, Number(status));
  }
});

test("an error prints cause, fix, link and request", async (t) => {
  const server = await faulty(t, problem(400, "invalid_number", { param: "to", rejected: [{ index: 0 }] }));
  const error = await thrown(client(server).sms.send(MESSAGE));
  assert.equal(
    String(error),
    "BadRequest: A title: What is wrong. [400 invalid_number]\n" +
      "Fix: How to put it right.\n" +
      `More: ${server.url}/v1/errors/invalid_number\n` +
      "Request: req_0c7xk3m9p2q4r",
  );
  assert.ok(error.stack.startsWith(String(error)));
  assert.equal(error.param, "to");
  assert.equal(error.suggestedAction, "How to put it right.");
  assert.equal(error.link, `${server.url}/v1/errors/invalid_number`);
  assert.deepEqual(error.problem.rejected, [{ index: 0 }]);
});

test("the same classes are found by require", () => {
  const required = createRequire(import.meta.url)("@posthouse/sdk");
  assert.deepEqual(Object.keys(required).sort(), Object.keys(sdk).sort());
  assert.equal(new required.InfraiClient() instanceof required.PosthouseClient, true);
});

test("neither key nor text nor code stands in any error or in the client as printed", async (t) => {
  const answers = [
    problem(400, "invalid_number"),
    { status: 502, headers: { "Content-Type": "text/html" }, body: `<html>${KEY} 824193</html>` },
    { body: `not JSON ${KEY} 824193` },
    { hang: "before" },
    { reset: true },
  ];
  for (const answer of answers) {
    const server = await faulty(t, answer);
    const error = await thrown(client(server, { timeoutMs: 300 }).sms.send(MESSAGE));
    const printed = `${error} ${inspect(error, { depth: 9, showHidden: true })} ${JSON.stringify(error)}`;
    assert.ok(!printed.includes("sEcReT") && !printed.includes("824193"), printed);
  }
  const own = client({ url: "http://127.0.0.1:1" });
  assert.ok(!(inspect(own, { depth: 9, showHidden: true }) + JSON.stringify(own)).includes("sEcReT"));
});

test("a reply that is no JSON says what answered and what to check", async (t) => {
  const page = { headers: { "Content-Type": "text/html" }, body: "<html>Welcome</html>" };
  const well = await thrown(client(await faulty(t, page)).sms.status("sms_1"));
  assert.ok(well instanceof sdk.BadReply);
  assert.match(String(well), /200, text\/html[^]*Fix: check that the base URL/);
  for (const body of ["", "[]", '"text"', "null", "[".repeat(100_000)]) {
    const foreign = await thrown(client(await faulty(t, { body })).sms.status("sms_1"));
    assert.ok(foreign instanceof sdk.BadReply, body.slice(0, 9));
  }
  const ill = await thrown(client(await faulty(t, { ...page, status: 502 })).sms.status("sms_1"));
  assert.ok(ill instanceof sdk.ServerError);
  assert.equal(ill.code, "unknown");
  assert.match(String(ill), /502, text\/html[^]*Fix: Check that the base URL/);
});

test("a reply without end is not read to its end", async (t) => {
  const endless = { body: `"${" ".repeat(33 * 2 ** 20)}"` };
  const error = await thrown(client(await faulty(t, endless)).sms.status("sms_1"));
  assert.ok(error instanceof sdk.BadReply);
  assert.match(String(error), /is longer than any of Posthouse's/);
});

test("a redirect is not followed, for it would take the key along", async (t) => {
  const elsewhere = await faulty(t, { body: {} });
  const server = await faulty(t, { status: 302, headers: { Location: `${elsewhere.url}/v1/sms/send` } });
  const error = await thrown(client(server).sms.send(MESSAGE));
  assert.ok(error instanceof sdk.BadReply);
  assert.match(String(error), /redirects elsewhere/);
  assert.equal(elsewhere.requests.length, 0);
});

test("nobody there: the address, the reason and what to do", async () => {
  const error = await thrown(client({ url: "http://127.0.0.1:1" }).sms.send(MESSAGE, { idempotencyKey: "order-1" }));
  assert.ok(error instanceof sdk.ConnectionFailed);
  assert.match(
    String(error),
    /^ConnectionFailed: The connection to http:\/\/127\.0\.0\.1:1 failed[^]*"order-1" is safe\.\nFix: /,
  );
});

test("settings that cannot be used are refused without being repeated", () => {
  for (const options of [
    { apiKey: "ph_live_sEcReT\nX: y" },
    { apiKey: "ключ" },
    { apiKey: "k", baseUrl: "http://user:sEcReT@127.0.0.1" },
    { apiKey: "k", baseUrl: "ftp://127.0.0.1" },
    { apiKey: "k", baseUrl: "nonsense sEcReT" },
  ]) {
    assert.throws(
      () => new sdk.PosthouseClient(options),
      (error) => error instanceof sdk.InvalidSettings && /Fix: /.test(error) && !/sEcReT|ключ/.test(inspect(error)),
    );
  }
});

test("an id that would lead elsewhere is refused before anything is sent", async (t) => {
  const server = await faulty(t, { body: {} });
  for (const id of ["", ".", "..", undefined, 7]) {
    assert.ok((await thrown(client(server).sms.status(id))) instanceof TypeError);
  }
  assert.equal(server.requests.length, 0);
  await client(server).sms.status("a/b?c#d e");
  assert.equal(server.requests[0].url, "/v1/sms/a%2Fb%3Fc%23d%20e");
});
