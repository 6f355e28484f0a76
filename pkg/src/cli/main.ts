#!/usr/bin/env node
// `npx edge-cashier`: the webhook checks and the request builder of the package, and a project for the Worker, on a command line.
import { ValidationError, version } from "../index.js";
import { explain } from "./explain.js";
import { EXIT, type ExitCode, Failure, usage } from "./failure.js";
import { GENERAL, HELP } from "./help.js";
import { complain } from "./output.js";
import { request } from "./request.js";
import { send } from "./send.js";
import { sign } from "./sign.js";
import { verify } from "./verify.js";
import { worker } from "./worker.js";

const COMMANDS = { verify, sign, explain, send, request, worker };
type CommandName = keyof typeof COMMANDS;

function isCommand(name: string | undefined): name is CommandName {
  return name !== undefined && Object.hasOwn(COMMANDS, name);
}

function asksForHelp(args: string[]): boolean {
  const end = args.indexOf("--");
  return (end < 0 ? args : args.slice(0, end)).some((argument) => argument === "--help" || argument === "-h");
}

async function run([name, ...args]: string[]): Promise<ExitCode> {
  if (name === "help") return help(args[0]);
  if (name === "--help" || name === "-h") return help(undefined);
  if (name === "--version") {
    process.stdout.write(`${version}\n`);
    return EXIT.ok;
  }
  if (!isCommand(name))
    throw usage(`${name === undefined ? "no" : "unknown"} command\n\n${GENERAL.trimEnd()}`);
  if (asksForHelp(args)) return help(name);
  return COMMANDS[name](args);
}

function help(name: string | undefined): ExitCode {
  if (name !== undefined && !isCommand(name)) throw usage(`unknown command\n\n${GENERAL.trimEnd()}`);
  process.stdout.write(name === undefined ? GENERAL : HELP[name]);
  return EXIT.ok;
}

/** A failure's own code and text; anything else is a fault of ours, and must not look like an answer. */
function report(error: unknown): ExitCode {
  if (error instanceof Failure) {
    complain(error.message);
    return error.exitCode;
  }
  // A password that cannot be one, or the same variable named twice: the message names the place, never the value.
  if (error instanceof ValidationError) {
    complain(error.message);
    return EXIT.usage;
  }
  complain(
    `an error of edge-cashier itself, please report it: ${error instanceof Error ? error.stack : String(error)}`,
  );
  return EXIT.internal;
}

// A reader that stops early (`| head -1`) is not an error: the exit code still tells the result.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

process.exitCode = await run(process.argv.slice(2)).catch(report);
// Standard input may still be open behind a command that never read it; what was printed is flushed first.
if (!process.stdin.readableEnded) process.stdin.destroy();
