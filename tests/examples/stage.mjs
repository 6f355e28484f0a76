// Starts an example as its README tells, in a copy of its folder: what a reader copies is what runs here.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { installTools } from "../runtimes/support/tools.mjs";

const root = resolve(import.meta.dirname, "../..");
const runtimes = join(root, "tests/runtimes/node_modules");
await installTools(dirname(runtimes));

export const WEBHOOK_PASSWORD = "webhook_password_example";

/** Where a dependency of an example is installed: the runtimes' own folder, else the project's. */
function installed(name) {
  for (const folder of [runtimes, join(root, "node_modules")]) {
    if (existsSync(join(folder, name, "package.json"))) return join(folder, name);
  }
  throw new Error(`${name} is not installed: name it in tests/runtimes/package.json`);
}

/** A program that an npm package brings along. */
export function program(name, file) {
  if (name === ".bin") return join(runtimes, name, file);
  return join(installed(name), file);
}

/** Copies the example and installs what its package.json names, as links. */
export function stage(name) {
  const folder = join(root, "target/examples", name);
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(root, "examples", name), folder, {
    recursive: true,
    filter: (path) => !/(^|[/\\])(node_modules|\.next|\.wrangler)([/\\]|$)/.test(path.slice(root.length)),
  });
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  assert.equal(manifest.private, true);
  assert.ok(manifest.dependencies["edge-cashier"]);
  for (const dependency of Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })) {
    const link = join(folder, "node_modules", dependency);
    mkdirSync(dirname(link), { recursive: true });
    // A link to our package would be followed to its sources, which a reader does not have.
    if (dependency === "edge-cashier") copyPackage(link);
    else symlinkSync(installed(dependency), link, "junction");
  }
  return folder;
}

/** The line that every example prints when it listens. */
const READY = /http:\/\/(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1?\]):(\d+)/;

/** Starts a server; it listens once this resolves. `stop` ends it, with whatever it has started itself. */
export async function serve(folder, command, args, { env = {}, ready = READY } = {}) {
  const child = spawn(command, args, {
    cwd: folder,
    env: {
      ...process.env,
      CI: "1",
      WRANGLER_SEND_METRICS: "false",
      NEXT_TELEMETRY_DISABLED: "1",
      PORT: "0",
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own: wrangler and next leave the serving to further processes.
    detached: true,
  });
  let text = "";
  const waiting = new Set();
  const closed = new Promise((done) => child.once("close", done));
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
      for (const look of waiting) look();
    });
  }

  /** Resolves with the match once the server has printed it. */
  function printed(pattern, milliseconds = 60_000) {
    return new Promise((done, refuse) => {
      const end = (settle, value) => {
        clearTimeout(late);
        waiting.delete(look);
        settle(value);
      };
      const look = () => {
        const found = pattern.exec(text);
        if (found) end(done, found);
      };
      const late = setTimeout(
        () => end(refuse, new Error(`${pattern} was not printed:\n${text}`)),
        milliseconds,
      );
      child.once("error", (error) => end(refuse, error));
      closed.then(() => end(refuse, new Error(`the server ended before it printed ${pattern}:\n${text}`)));
      waiting.add(look);
      look();
    });
  }

  async function stop() {
    const signal = (name) => {
      try {
        process.kill(-child.pid, name);
      } catch (error) {
        if (error.code !== "ESRCH") throw error;
      }
    };
    signal("SIGTERM");
    const late = setTimeout(signal, 5000, "SIGKILL");
    await closed;
    clearTimeout(late);
  }

  try {
    const [, port] = await printed(ready);
    return { origin: `http://localhost:${port}`, printed, output: () => text, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What npm would install of the built package. */
function copyPackage(to) {
  for (const part of ["package.json", "dist"])
    cpSync(join(root, "pkg", part), join(to, part), { recursive: true });
}

/** Runs a command to its end; its output is shown only when it fails. */
export async function run(folder, command, args, { env = {} } = {}) {
  const child = spawn(command, args, {
    cwd: folder,
    env: { ...process.env, CI: "1", NEXT_TELEMETRY_DISABLED: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
    });
  }
  const code = await new Promise((done, refuse) => child.once("error", refuse).once("close", done));
  assert.equal(code, 0, text);
}
