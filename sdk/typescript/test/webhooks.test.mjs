import assert from "node:assert/strict";
import { test } from "node:test";
import { PosthouseClient, WebhookInvalid, verifyWebhook } from "@posthouse/sdk";
import { signWebhook } from "@posthouse/sdk/testing";

// The vector of the specification's own libraries (github.com/standard-webhooks/standard-webhooks).
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const BODY = '{"test": 2432232314}';
const HEADERS = {
  "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
  "webhook-timestamp": "1614265330",
  "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
};
const NOW = new Date(1614265330_000);
const OTHER = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

const verify = (body, headers, secret = SECRET, options = {}) =>
  verifyWebhook(body, headers, secret, { now: NOW, ...options });

test("the specification's own example is right, as text and as bytes, with and without a client", async () => {
  assert.deepEqual(await verify(BODY, HEADERS), { test: 2432232314 });
  assert.deepEqual(await verify(new TextEncoder().encode(BODY), new Headers(HEADERS)), { test: 2432232314 });
  const client = new PosthouseClient();
  assert.deepEqual(await client.webhooks.verify(BODY, HEADERS, SECRET, { now: NOW }), { test: 2432232314 });
});

test("names of headers may be written as frameworks write them", async () => {
  const shouted = Object.fromEntries(Object.entries(HEADERS).map(([name, value]) => [name.toUpperCase(), [value]]));
  assert.deepEqual(await verify(BODY, shouted), { test: 2432232314 });
});

test("one right signature among several is enough, and one right secret", async () => {
  const wrong = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= v1a,AAAA v2,xxxx v1,***";
  const several = { ...HEADERS, "webhook-signature": `${wrong} ${HEADERS["webhook-signature"]}` };
  assert.ok(await verify(BODY, several));
  assert.ok(await verify(BODY, HEADERS, [OTHER, SECRET]));
});

test("anything that was changed is refused", async () => {
  for (const [body, headers, secret] of [
    [`${BODY} `, HEADERS, SECRET],
    [BODY, { ...HEADERS, "webhook-id": "msg_other" }, SECRET],
    [BODY, { ...HEADERS, "webhook-timestamp": "1614265331" }, SECRET],
    [BODY, { ...HEADERS, "webhook-signature": HEADERS["webhook-signature"].replace("v1,g", "v1,h") }, SECRET],
    [BODY, { ...HEADERS, "webhook-signature": HEADERS["webhook-signature"].replace("v1,", "v2,") }, SECRET],
    [BODY, { ...HEADERS, "webhook-signature": "" }, SECRET],
    [BODY, { ...HEADERS, "webhook-timestamp": "yesterday" }, SECRET],
    [BODY, {}, SECRET],
    [BODY, HEADERS, OTHER],
    [BODY, HEADERS, []],
    [BODY, HEADERS, "whsec_"],
    [BODY, HEADERS, "no secret!"],
  ]) {
    await assert.rejects(verify(body, headers, secret), WebhookInvalid);
  }
});

test("five minutes apart are as far as it goes, both ways", async () => {
  const at = (s) => ({ now: new Date(NOW.getTime() + s * 1000) });
  for (const s of [-300, 300]) assert.ok(await verify(BODY, HEADERS, SECRET, at(s)));
  for (const s of [-301, 301]) await assert.rejects(verify(BODY, HEADERS, SECRET, at(s)), WebhookInvalid);
  assert.ok(await verify(BODY, HEADERS, SECRET, { ...at(301), toleranceS: 600 }));
});

test("what signWebhook writes is what the specification says", async () => {
  const headers = await signWebhook(BODY, { secret: SECRET, id: HEADERS["webhook-id"], now: NOW });
  assert.deepEqual(headers, HEADERS);
  assert.ok(await verifyWebhook(BODY, await signWebhook(BODY, { secret: OTHER }), OTHER));
});
