// Starts programs so that none outlives its test.
import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";

export const root = join(import.meta.dirname, "../../..");
const alive = new Set();
process.on("exit", () => {
  for (const child of alive) end(child);
});
// A signal would end this process without its "exit".
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(1));

/** The whole group: a bundler or a server may have started programs of its own. */
function end(child) {
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}

const quiet = {
  NEXT_TELEMETRY_DISABLED: "1",
  WRANGLER_SEND_METRICS: "false",
  DENO_NO_UPDATE_CHECK: "1",
  NO_COLOR: "1",
  CI: "1",
};

/** The project's own Node first: the machine's may be older than the tools ask for. The runner's own variable would silence a child's. */
function environment(extra) {
  const { NODE_TEST_CONTEXT: _, FORCE_COLOR: __, ...own } = process.env;
  return { ...own, ...quiet, PATH: [join(root, "node_modules/.bin"), own.PATH].join(delimiter), ...extra };
}

/** Starts a program; `output()` is what it wrote so far, `stop()` ends it and waits for that. */
export function start(command, args, { cwd, env = {} }) {
  const child = spawn(command, args, {
    cwd,
    env: environment(env),
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  alive.add(child);
  const written = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"])
    child[stream].setEncoding("utf8").on("data", (text) => (written[stream] += text));
  const ended = new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      alive.delete(child);
      resolve({ code, signal, ...written });
    });
  });
  /** Resolves with the first match of `pattern` in the standard output. */
  const printed = (pattern) =>
    new Promise((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(written.stdout);
        if (match) resolve(match);
      };
      child.stdout.on("data", look);
      ended.then(
        () =>
          reject(
            new Error(`${command} ended before it printed ${pattern}:\n${written.stdout}\n${written.stderr}`),
          ),
        reject,
      );
      look();
    });
  return {
    ended,
    printed,
    output: () => written.stdout + written.stderr,
    stop: async () => {
      end(child);
      return ended;
    },
  };
}

/** Runs a program to its end, at most `seconds`. */
export async function run(command, args, { cwd, env, seconds = 60 }) {
  const program = start(command, args, { cwd, env });
  const timer = setTimeout(program.stop, seconds * 1000);
  const result = await program.ended;
  clearTimeout(timer);
  if (result.signal)
    throw new Error(
      `${command} ${args.join(" ")} was ended by ${result.signal} after at most ${seconds} s:\n${program.output()}`,
    );
  return result;
}

/** Runs a program that must succeed. */
export async function must(command, args, options) {
  const result = await run(command, args, options);
  if (result.code !== 0)
    throw new Error(
      `${command} ${args.join(" ")} ended with ${result.code}:\n${result.stdout}\n${result.stderr}`,
    );
  return result;
}
