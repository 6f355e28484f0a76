// Runs the built command line as its users do: a child process with real files, real standard input and an exit code.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";

const packageFolder = resolve(import.meta.dirname, "../../pkg");
export const CLI = join(packageFolder, "dist/cli.js");

export const PASSWORD = "webhook_password_example";
export const API_KEY = "test_key_example";

/** The published example: its signature is the reference's own figure. */
export const PUBLISHED = {
  body: '{"transaction_id":"r21nmrtpcmrcava","user_id":"1111222","tracking_id":"b8f04416-116a-11ed-861d-0242ac120002","status":"rejected","currency":"GBP","amount":"200.00","transaction_type":"withdrawal"}',
  password: "spg_test_companyxxxxQyGAheyMqcHVmp8ZMQtkYcev27sCu7RF",
  signature: "5FDDA8F46411C132DCFBEE53C39BA06298CB48BC",
};

/** What the gateway would sign, by Node's own parts. */
export function signatureOf(body, password = PASSWORD) {
  return createHash("sha1")
    .update(JSON.stringify(JSON.parse(body)) + password)
    .digest("hex")
    .toUpperCase();
}

/** The environment without whatever the developer has set for the command line. */
function environment(variables) {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("EDGE_CASHIER_"));
  return { ...Object.fromEntries(inherited), ...variables };
}

/** Runs a command to its end. No output may hold a value of `secrets`. */
export async function run(
  args,
  { input = "", env = {}, cwd, secrets = [PASSWORD, PUBLISHED.password] } = {},
) {
  const child = spawn(process.execPath, [CLI, ...args], { env: environment(env), cwd });
  // A command that fails before it reads leaves the pipe unread.
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const closed = new Promise((done, refuse) => child.once("error", refuse).once("close", done));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  for (const secret of secrets) {
    assert.ok(!stdout.includes(secret) && !stderr.includes(secret), `a secret was printed by: ${args[0]}`);
  }
  return { code, stdout, stderr };
}

/** A started command whose streams the test holds itself. */
export function start(command, args, { env = {} } = {}) {
  return spawn(command, args, { env: environment(env) });
}

/** A folder that is gone after the test. */
export function folder(t) {
  const path = mkdtempSync(join(tmpdir(), "edge-cashier-cli-"));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A receiver on a free port; `answer(request, response, body)` decides what it says. Every request is kept. */
export async function receiver(t, answer = (_request, response) => response.writeHead(204).end()) {
  const received = [];
  const server = createServer(async (request, response) => {
    const body = await text(request).catch(() => "");
    received.push({ method: request.method, url: request.url, headers: request.headers, body });
    answer(request, response, body);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  t.after(() => {
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  });
  const { port } = server.address();
  return { url: `http://127.0.0.1:${port}/webhooks`, origin: `http://127.0.0.1:${port}`, port, received };
}
