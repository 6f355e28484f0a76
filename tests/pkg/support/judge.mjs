// Asks the Rust core (tests/judge) what it says, many questions at once. The binary is the one that EDGE_CASHIER_JUDGE names, or is built.
import { execFile, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { resolve } from "node:path";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../../..", import.meta.url));

let built;

/** The path of the binary. */
function binary() {
  const given = process.env["EDGE_CASHIER_JUDGE"];
  built ??= given === undefined ? build() : Promise.resolve(given);
  return built;
}

async function build() {
  await promisify(execFile)("cargo", ["build", "-q", "--locked", "-p", "edge-cashier-judge"], { cwd: root });
  const target = process.env["CARGO_TARGET_DIR"] ?? "target";
  return resolve(root, target, "debug/edge-cashier-judge");
}

/** The text of a question, with every bigint as its digits. */
export const questionText = (question) =>
  JSON.stringify(question, (_, value) =>
    typeof value === "bigint" ? JSON.rawJSON(value.toString()) : value,
  );

/**
 * The answers to questions, in their order; tests/judge/src/main.rs describes both.
 *
 * @param {readonly object[]} questions
 * @returns {Promise<object[]>}
 */
export async function judge(questions) {
  const child = spawn(await binary(), { stdio: ["pipe", "pipe", "inherit"] });
  const chunks = [];
  child.stdout.on("data", (chunk) => chunks.push(chunk));
  const ended = new Promise((resolve_, reject) => {
    child.on("error", reject);
    // A judge that ends early says why by itself.
    child.stdin.on("error", () => {});
    child.on("close", resolve_);
  });
  child.stdin.end(questions.map((question) => `${questionText(question)}\n`).join(""));
  const code = await ended;
  if (code !== 0) throw new Error(`the judge ended with ${code}`);
  const answers = Buffer.concat(chunks).toString().split("\n").slice(0, -1).map(readAnswer);
  if (answers.length !== questions.length)
    throw new Error(`the judge gave ${answers.length} answers to ${questions.length} questions`);
  return answers;
}

function readAnswer(line) {
  const answer = JSON.parse(line);
  return "reply" in answer ? { ...answer, reply: withKeys(answer.reply) } : answer;
}

/** A value of which the judge wrote each object as `{"object": [[name, value], …]}`. */
function withKeys(value) {
  if (Array.isArray(value)) return value.map(withKeys);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(value.object.map(([name, item]) => [name, withKeys(item)]));
}
