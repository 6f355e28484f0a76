// `cargo xtask simulator`: the simulated gateway by itself, as its script starts it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { deposit } from "./support.mjs";

const SCRIPT = join(import.meta.dirname, "../../xtask/js/simulator.mjs");

async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}

/** Starts it, and resolves with what it wrote once it is ready or has ended. */
async function start(...options) {
  const child = spawn(process.execPath, [SCRIPT, ...options], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const ended = once(child, "exit");
  const ready = new Promise((done) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        output += text;
        if (/control page .*\n/.test(output)) done();
      });
    }
  });
  await Promise.race([ready, ended]);
  return {
    output: () => output,
    ended,
    async stop() {
      if (child.exitCode === null) child.kill("SIGTERM");
      const [code] = await ended;
      return code;
    },
  };
}

test("it says how to reach it, takes the given key, repeats a seeded run, and ends on a signal", async () => {
  const port = await freePort();
  const key = "a key with 'quotes'";
  const ids = [];
  for (const run of [1, 2]) {
    const simulator = await start(`--port=${port}`, `--api-key=${key}`, "--seed=42");
    try {
      for (const text of [`http://localhost:${port}/control`, key, "webhook_password_example"])
        assert.ok(simulator.output().includes(text), simulator.output());
      const reply = await fetch(`http://localhost:${port}/cashier/deposit`, {
        method: "POST",
        headers: { "x-api-key": key },
        body: JSON.stringify(deposit({ tracking_id: "seeded" })),
      });
      assert.equal(reply.status, 200, `run ${run}`);
      ids.push((await reply.json()).token);
    } finally {
      assert.equal(await simulator.stop(), 0, simulator.output());
    }
    await assert.rejects(fetch(`http://localhost:${port}/healthz`), "nothing listens any more");
  }
  assert.equal(ids[0], ids[1]);
});

test("what cannot be is named at once: an address, a port in use", async () => {
  const wrong = await start(`--port=${await freePort()}`, "--webhook-url=nonsense");
  assert.notEqual(await wrong.stop(), 0);
  assert.match(wrong.output(), /WEBHOOK_URL is not an absolute/);

  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  const second = await start(`--port=${port}`);
  assert.notEqual(await second.stop(), 0);
  assert.match(second.output(), new RegExp(`port ${port} is in use.*--port`));
  server.close();
});
