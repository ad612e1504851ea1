import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { CredentialsMissing, CredentialsUnreadable, PosthouseClient } from "@posthouse/sdk";
import { faulty, problem } from "./faulty_server.mjs";

const NAMES = ["POSTHOUSE_API_KEY", "POSTHOUSE_BASE_URL", "INFRAI_API_KEY", "INFRAI_BASE_URL", "HOME"];
const before = Object.fromEntries(NAMES.map((name) => [name, process.env[name]]));
let home;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "posthouse-"));
  for (const name of NAMES) delete process.env[name];
  process.env.HOME = home;
});

afterEach(() => {
  rmSync(home, { recursive: true });
  for (const [name, value] of Object.entries(before)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

const file = () => join(home, ".infrai", "credentials");

function stored(text) {
  mkdirSync(join(home, ".infrai"));
  writeFileSync(file(), typeof text === "string" ? text : JSON.stringify(text));
}

async function shown(server, options) {
  await new PosthouseClient(options).account.get();
  return server.requests.at(-1).headers.authorization;
}

test("arguments win over POSTHOUSE_, that over INFRAI_, that over the file", async (t) => {
  const server = await faulty(t, { body: {} });
  stored({ api_key: "of-file", base_url: server.url });
  assert.equal(await shown(server), "Bearer of-file");
  process.env.INFRAI_API_KEY = " of-infrai\n";
  assert.equal(await shown(server), "Bearer of-infrai");
  process.env.POSTHOUSE_API_KEY = "of-posthouse";
  assert.equal(await shown(server), "Bearer of-posthouse");
  assert.equal(await shown(server, { apiKey: "of-argument" }), "Bearer of-argument");
  assert.equal(await shown(server, { apiKey: undefined }), "Bearer of-posthouse");
  const [second, third, fourth] = [await faulty(t, { body: {} }), await faulty(t, { body: {} }), await faulty(t, { body: {} })];
  process.env.INFRAI_BASE_URL = second.url;
  await shown(second);
  process.env.POSTHOUSE_BASE_URL = third.url;
  await shown(third);
  await shown(fourth, { baseUrl: fourth.url });
});

test("without any key the error says where it looked and what to do", async () => {
  await assert.rejects(new PosthouseClient().account.get(), (error) => {
    assert.ok(error instanceof CredentialsMissing);
    assert.match(String(error), /POSTHOUSE_API_KEY[^]*credentials[^]*Fix: [^]*activate\(\)[^]*export POSTHOUSE_API_KEY/);
    return true;
  });
});

test("a file that cannot be understood is named, not what it holds", async () => {
  stored('{"api_key": "ph_live_sEcReT"');
  await assert.rejects(new PosthouseClient().account.get(), (error) => {
    assert.ok(error instanceof CredentialsUnreadable);
    assert.ok(String(error).includes(file()) && !String(error).includes("sEcReT"));
    return true;
  });
});

const OPENED = { account: "trial-1", status: "trial", balance: {}, key: "ph_live_new", api_secret: "sEcReT" };

test("activate keeps the key for its owner alone, and goes on with it", async (t) => {
  const server = await faulty(t, { status: 201, body: OPENED }, { body: {} });
  mkdirSync(join(home, ".infrai"), { mode: 0o755 });
  chmodSync(join(home, ".infrai"), 0o755);
  const client = new PosthouseClient({ baseUrl: server.url });
  const shownOf = { account: "trial-1", status: "trial", balance: {}, base_url: server.url };
  assert.deepEqual(await client.activate(), shownOf);
  assert.equal(server.requests[0].headers.authorization, undefined);
  await client.account.get();
  assert.equal(server.requests[1].headers.authorization, "Bearer ph_live_new");
  assert.equal(statSync(file()).mode & 0o777, 0o600);
  assert.equal(statSync(join(home, ".infrai")).mode & 0o777, 0o700);
  assert.deepEqual(readdirSync(join(home, ".infrai")), ["credentials"]);
  assert.deepEqual(JSON.parse(readFileSync(file(), "utf8")), { api_key: "ph_live_new", base_url: server.url });
  assert.equal(await shown(server), "Bearer ph_live_new");
});

test("activate keeps a key that still opens this server, and opens no second trial", async (t) => {
  const server = await faulty(t, { body: { ...OPENED, account: "trial-0", mode: "live" } });
  stored({ api_key: "of-file", base_url: server.url });
  chmodSync(file(), 0o644);
  assert.equal((await new PosthouseClient({ baseUrl: server.url }).activate()).account, "trial-0");
  assert.equal(statSync(file()).mode & 0o777, 0o600);
  assert.deepEqual(
    server.requests.map((one) => `${one.method} ${one.url} ${one.headers.authorization}`),
    ["GET /v1/account Bearer of-file"],
  );
});

test("activate opens a new trial where the key is no longer good, or is another server's", async (t) => {
  const server = await faulty(t, problem(401, "unauthenticated"), { status: 201, body: OPENED });
  stored({ api_key: "of-file", base_url: server.url });
  assert.equal((await new PosthouseClient({ baseUrl: server.url }).activate()).account, "trial-1");
  const other = await faulty(t, { status: 201, body: { ...OPENED, key: "ph_live_other" } });
  await new PosthouseClient({ baseUrl: other.url }).activate();
  assert.deepEqual(other.requests.map((one) => one.url), ["/v1/activate"]);
  assert.equal(JSON.parse(readFileSync(file(), "utf8")).api_key, "ph_live_other");
});

test("activate that is refused leaves the file alone", async (t) => {
  stored({ api_key: "of-file" });
  const refusing = await faulty(t, problem(403, "local_only"));
  await assert.rejects(new PosthouseClient({ baseUrl: refusing.url }).activate(), { code: "local_only" });
  assert.deepEqual(JSON.parse(readFileSync(file(), "utf8")), { api_key: "of-file" });
});
