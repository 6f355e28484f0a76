import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { Webhook } from "../index.js";
import { EXIT, Failure, systemCode, usage } from "./failure.js";

/** A webhook password and the name it is told apart by. */
export interface NamedPassword {
  id: string;
  password: string;
}

const PASSWORD_VARIABLE = "EDGE_CASHIER_PASSWORD";

/** The bytes of a file, or of standard input when no file (or `-`) is named; nothing is decoded or trimmed. */
export async function readBytes(file: string | undefined, what: string): Promise<Uint8Array> {
  if (file !== undefined && file !== "-") return readNamed(file, what);
  if (process.stdin.isTTY) throw usage(`no ${what}: name a file that holds it, or pipe it in`);
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function readNamed(file: string, what: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    const reasons: Record<string, string> = {
      ENOENT: "there is no such file: check the path",
      EISDIR: "it is a folder: name a file in it",
      EACCES: "it may not be read: check its permissions",
    };
    const code = systemCode(error) ?? "unknown error";
    throw usage(`cannot read the ${what} from ${file}: ${reasons[code] ?? code}`);
  }
}

/**
 * The passwords to check with: the variables that `--password-env` names, else `EDGE_CASHIER_PASSWORD`, else asked for
 * in a terminal. They are taken byte for byte: a password may begin or end with a space.
 */
async function readPasswords(names: string[] | undefined): Promise<NamedPassword[]> {
  if (names && names.length > 0) return names.map((name) => fromVariable(name, "--password-env"));
  const password = process.env[PASSWORD_VARIABLE];
  if (password) return [{ id: PASSWORD_VARIABLE, password }];
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw usage(
      `no password: set ${PASSWORD_VARIABLE} or name a variable with --password-env (it is asked for only in a terminal, with the body in a file)`,
    );
  }
  return [{ id: "prompt", password: await askHidden("Webhook password (not shown): ") }];
}

/** What checks with the passwords of {@link readPasswords}; the name of one is worth telling only where there are several. */
export async function readWebhook(names: string[] | undefined): Promise<Webhook> {
  const passwords = await readPasswords(names);
  return new Webhook(passwords.length === 1 && passwords[0] ? passwords[0].password : passwords);
}

/** The passwords of other environments, by the variables that hold them. */
export function readCandidates(names: string[] | undefined): NamedPassword[] {
  return (names ?? []).map((name) => fromVariable(name, "--candidate-env"));
}

/** The one password to sign with. */
export async function readPassword(names: string[] | undefined): Promise<string> {
  const passwords = await readPasswords(names);
  const [first] = passwords;
  if (passwords.length !== 1 || !first) throw usage("signing takes one password: give --password-env once");
  return first.password;
}

function fromVariable(name: string, option: string): NamedPassword {
  const password = process.env[name];
  // The name is not repeated: whoever confuses the two has typed the password.
  if (!password) {
    throw usage(
      `${option} takes the name of an environment variable, and the one it names is not set or empty`,
    );
  }
  return { id: name, password };
}

/** Asks on standard error, so that standard output stays a result; what is typed is not echoed. */
async function askHidden(question: string): Promise<string> {
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output: unseen, terminal: true, historySize: 0 });
  process.stderr.write(question);
  try {
    const answer = await new Promise<string>((resolve, reject) => {
      reader.once("line", resolve);
      reader.once("SIGINT", () => reject(new Failure(EXIT.interrupted, "interrupted")));
      reader.once("close", () => reject(usage("no password was given")));
    });
    if (answer === "")
      throw usage("the password is empty: copy it from the merchant portal, Settings > Credentials");
    return answer;
  } finally {
    reader.close();
    process.stderr.write("\n");
  }
}
