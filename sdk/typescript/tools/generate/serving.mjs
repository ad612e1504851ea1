// A server of one's own, for as long as it takes to ask it what it can do.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const STARTS_WITHIN_MS = 30_000;

/** What /openapi.json of a server says that `command serve` starts in an empty directory. */
export async function documentOf(command) {
  const data = mkdtempSync(join(tmpdir(), "posthouse-sdk-"));
  const port = await freePort();
  const server = spawn(command, ["serve", "--data", data, "--port", String(port)], { stdio: "ignore" });
  const ended = once(server, "exit");
  try {
    return await asked(`http://127.0.0.1:${port}/openapi.json`, server);
  } finally {
    server.kill();
    await ended;
    rmSync(data, { recursive: true, force: true });
  }
}

async function asked(url, server) {
  const end = Date.now() + STARTS_WITHIN_MS;
  while (Date.now() < end && server.exitCode === null) {
    const reply = await fetch(url).catch(() => undefined);
    if (reply?.ok) return reply.json();
    await pause(100);
  }
  throw new Error("the server did not start; run it by hand to see why");
}

async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}
