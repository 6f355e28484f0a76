// Runs Workers in workerd, each through a `wrangler dev` of its own, until a signal ends them or one of them stops by itself.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";

export const root = resolve(import.meta.dirname, "../..");

/** A value that nobody can guess, with its use in its name. */
export const secret = (name) => `${name}_${randomBytes(24).toString("base64url")}`;

/**
 * Starts the servers on empty storage and resolves once all of them are healthy and `ready` has run.
 * @param {object} options
 * @param {string} options.command what error messages begin with
 * @param {string} options.home the folder of variables and storage; it is emptied first
 * @param {{ name: string, title: string, port: string, portFlag: string, arguments?: string[], variables: Record<string, string> }[]} options.servers
 *   `name` is the folder of the Worker, `portFlag` the option that a message about its port names
 * @param {() => Promise<void>} [options.prepare] runs before anything starts
 * @param {() => void} options.ready
 */
export async function serve({ command, home, servers, prepare, ready }) {
  const running = [];
  let stopping = false;

  function stop(code) {
    if (stopping) return;
    stopping = true;
    process.exitCode = code;
    for (const child of running) child.kill("SIGTERM");
    // wrangler ends workerd and then itself; whoever does not is ended.
    setTimeout(() => {
      for (const child of running) child.kill("SIGKILL");
    }, 5000).unref();
  }

  function fail(message) {
    console.error(`\n${command}: ${message}`);
    stop(1);
  }

  function start(server) {
    const child = spawn(process.execPath, wranglerArguments(home, server), {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
      // Nothing here needs the network: what Cloudflare would tell of a request is made up.
      env: { ...process.env, CLOUDFLARE_CF_FETCH_ENABLED: "false" },
    });
    child.on("exit", (code, signal) => {
      running.splice(running.indexOf(child), 1);
      if (!stopping)
        fail(`the ${server.title} stopped by itself (${signal ?? code}); its messages are above`);
    });
    running.push(child);
  }

  /** Resolves when the server says that it is well; the error has its last answer. */
  async function mustBecomeHealthy({ title, port }) {
    const deadline = Date.now() + 60_000;
    let last = "no answer";
    while (Date.now() < deadline && !stopping) {
      try {
        const reply = await fetch(`http://localhost:${port}/healthz`, { signal: AbortSignal.timeout(2000) });
        if (reply.ok) return;
        last = `${reply.status} ${await reply.text()}`;
        // It runs and says what is wrong with its variables: that does not pass.
        if (reply.headers.get("content-type")?.includes("json")) break;
      } catch (error) {
        last = error.cause?.code ?? error.message;
      }
      await new Promise((done) => setTimeout(done, 200));
    }
    if (!stopping) throw new Error(`the ${title} did not become healthy: ${last}`);
  }

  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => stop(0));
  try {
    for (const { port, portFlag } of servers) await mustBeFree(port, portFlag);
    rmSync(home, { recursive: true, force: true });
    mkdirSync(home, { recursive: true });
    await prepare?.();
    for (const server of servers) start(server);
    await Promise.all(servers.map(mustBecomeHealthy));
    if (!stopping) ready();
  } catch (error) {
    fail(error.message);
  }
}

function wranglerArguments(home, { name, port, arguments: more = [], variables }) {
  const envFile = join(home, `${name}.env`);
  const lines = Object.entries(variables).map(([variable, value]) => `${variable}=${quoted(value)}\n`);
  writeFileSync(envFile, lines.join(""), { mode: 0o600 });
  return [
    join(root, "node_modules/wrangler/bin/wrangler.js"),
    "dev",
    `--config=${join(root, name, "wrangler.jsonc")}`,
    "--local",
    "--ip=localhost",
    `--port=${port}`,
    "--inspector-port=0",
    `--persist-to=${join(home, "state", name)}`,
    `--env-file=${envFile}`,
    "--show-interactive-dev-session=false",
    "--log-level=warn",
    ...more,
  ];
}

/** A value as dotenv reads it back: it knows no escapes, but three kinds of quotes. */
function quoted(value) {
  const quote = ["'", '"', "`"].find((mark) => !value.includes(mark));
  if (!quote) throw new Error("a value of a variable may not hold all three kinds of quotes");
  return `${quote}${value}${quote}`;
}

/** Refuses a port that another program listens on, at either kind of loopback address. */
async function mustBeFree(port, flag) {
  for (const host of ["127.0.0.1", "::1"]) {
    await new Promise((done, refuse) => {
      const probe = createServer();
      probe.once("error", (error) => (error.code === "EADDRINUSE" ? refuse(error) : done()));
      probe.listen({ port: Number(port), host }, () => probe.close(done));
    }).catch(() => {
      throw new Error(`port ${port} is in use: stop what listens there, or choose another with ${flag}`);
    });
  }
}
