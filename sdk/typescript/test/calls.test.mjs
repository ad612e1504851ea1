import assert from "node:assert/strict";
import { test } from "node:test";
import { Call, Listing, PosthouseClient, ROUTES, VERSION } from "@posthouse/sdk";
import { faulty, problem } from "./faulty_server.mjs";

function client(server, more) {
  return new PosthouseClient({ apiKey: "ph_test_key", baseUrl: `${server.url}/`, retries: 0, ...more });
}

test("withResponse gives status, headers and the id of the request beside the data", async (t) => {
  const headers = { "X-Request-Id": "req_7", "Idempotent-Replayed": "true" };
  const server = await faulty(t, { status: 202, headers, body: { sms_id: "sms_1", field_of_tomorrow: 1 } });
  const call = client(server).sms.send({ to: "+15555550123", body: "Hi" });
  assert.ok(call instanceof Call && call instanceof Promise);
  const { data, response, requestId } = await call.withResponse();
  assert.deepEqual(data, { sms_id: "sms_1", field_of_tomorrow: 1 });
  assert.equal(response.status, 202);
  assert.equal(response.headers.get("idempotent-replayed"), "true");
  assert.equal(requestId, "req_7");
  assert.equal(await call, data);
  assert.equal(server.requests.length, 1);
});

test("a failure that is looked at in one way is not unhandled in another", async (t) => {
  const unhandled = [];
  const note = (reason) => unhandled.push(reason);
  process.on("unhandledRejection", note);
  t.after(() => process.off("unhandledRejection", note));
  const server = await faulty(t, problem(404, "not_found"));
  await assert.rejects(client(server).sms.status("sms_1").withResponse());
  await assert.rejects(client(server).sms.status("sms_1"));
  assert.equal(await client(server).sms.status("sms_1").catch(() => "caught"), "caught");
  let ended = false;
  await assert.rejects(client(server).sms.status("sms_1").finally(() => (ended = true)));
  assert.ok(ended);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(unhandled, []);
});

test("a request says who asks, in which language, and what it holds", async (t) => {
  const server = await faulty(t, { body: {} });
  await client(server, { language: "zh-CN" }).sms.send({ to: "+15555550123", body: "你好", from: undefined });
  const [{ method, url, headers, body }] = server.requests;
  assert.equal(`${method} ${url}`, "POST /v1/sms/send");
  assert.equal(headers.authorization, "Bearer ph_test_key");
  assert.equal(headers["accept-language"], "zh-CN");
  assert.equal(headers["content-type"], "application/json");
  assert.equal(headers["user-agent"], `posthouse-sdk-typescript/${VERSION}`);
  assert.deepEqual(JSON.parse(body), { to: "+15555550123", body: "你好" });
});

test("what is open to everybody shows no key", async (t) => {
  const server = await faulty(t, { body: {} });
  await client(server).errors.get("invalid_number", { lang: "zh" });
  assert.equal(server.requests[0].headers.authorization, undefined);
  assert.equal(server.requests[0].url, "/v1/errors/invalid_number?lang=zh");
});

test("a list fetches page after page, and no further than one reads", async (t) => {
  const page = (items, next_cursor) => ({ body: { data: items.map((sms_id) => ({ sms_id })), next_cursor } });
  const pages = [page(["a", "b"], "cur_1"), page([], "cur_2"), page(["c"], null)];
  const server = await faulty(t, ...pages);
  const seen = [];
  for await (const record of client(server).sms.list({ state: "queued", limit: 2 })) seen.push(record.sms_id);
  assert.deepEqual(seen, ["a", "b", "c"]);
  assert.deepEqual(
    server.requests.map((one) => one.url),
    ["", "&cursor=cur_1", "&cursor=cur_2"].map((more) => `/v1/sms?state=queued&limit=2${more}`),
  );
  const lazy = await faulty(t, ...pages);
  const list = client(lazy).sms.list();
  assert.ok(list instanceof Listing);
  assert.equal(lazy.requests.length, 0);
  assert.equal((await list.next()).value.sms_id, "a");
  assert.equal((await list.next()).value.sms_id, "b");
  assert.equal(lazy.requests.length, 1);
  assert.equal((await client(await faulty(t, ...pages)).sms.list().take(1)).length, 1);
  const { data } = await client(await faulty(t, ...pages)).sms.list().page().withResponse();
  assert.equal(data.next_cursor, "cur_1");
});

test("a list that would never end is given up", async (t) => {
  const round = await faulty(t, { body: { data: [{ sms_id: "a" }], next_cursor: "cur_1" } });
  await assert.rejects(client(round).sms.list().take(9), { name: "BadReply", message: /goes on where this page began/ });
  assert.equal(round.requests.length, 2);
  const other = await faulty(t, { body: { items: [] } });
  await assert.rejects(client(other).sms.list().take(9), { name: "BadReply", message: /is no page of a list/ });
});

test("every row of the table is a method, and can be called by hand", async (t) => {
  const server = await faulty(t, { status: 204 });
  const posthouse = client(server);
  for (const [name, route] of Object.entries(ROUTES)) {
    if (name === "activate") continue;
    const names = name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase()).split(".");
    const method = names.reduce((group, inner) => group[inner], posthouse);
    const ids = [...route.path.matchAll(/\{/g)].map((_, index) => `id${index}`);
    const answer = method(...ids, ...(route.input ? [{ x: "1" }] : []));
    await (route.paged ? answer.page() : answer);
    const { method: verb, url, body } = server.requests.at(-1);
    let index = 0;
    const path = route.path.replace(/\{\w+\}/g, () => `id${index++}`);
    assert.equal(`${verb} ${url}`, `${route.method} ${path}${route.input === "query" ? "?x=1" : ""}`);
    assert.equal(body, route.input === "body" ? '{"x":"1"}' : "");
  }
  await posthouse.request(ROUTES["sms.send"], { input: { to: "+15555550123" } });
  assert.equal(server.requests.at(-1).body, '{"to":"+15555550123"}');
});

test("methods may be taken off their client", async (t) => {
  const { send, wait } = client(await faulty(t, { body: { sms_id: "sms_1", state: "delivered" } })).sms;
  assert.equal((await send({ to: "+15555550123", body: "Hi" })).sms_id, "sms_1");
  assert.equal((await wait("sms_1")).state, "delivered");
});

test("a wait ends with the time it was given, and says how the message stands", async (t) => {
  const server = await faulty(t, { body: { sms_id: "sms_1", state: "sent" } });
  await assert.rejects(client(server).sms.wait("sms_1", { timeoutMs: 600 }), {
    name: "StillOpen",
    message: /sms_1 is still sent after 0\.6 s\.\nFix: /,
  });
  assert.ok(server.requests.length >= 2 && server.requests.length <= 5, `${server.requests.length} looks`);
});
