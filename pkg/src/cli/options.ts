import { type ParseArgsConfig, parseArgs } from "node:util";
import { systemCode, usage } from "./failure.js";

export type Options = NonNullable<ParseArgsConfig["options"]>;

/** Every command has these. `--help` is answered before a command sees its arguments. */
export const COMMON = {
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const satisfies Options;

/** For the commands that need the webhook password. */
export const PASSWORD_ENV = { "password-env": { type: "string", multiple: true } } as const satisfies Options;

/** For `explain`: the passwords of other environments, which may be the ones that signed. */
export const CANDIDATE_ENV = {
  "candidate-env": { type: "string", multiple: true },
} as const satisfies Options;

const BECAUSE =
  "every user of this machine can read the arguments of a running command, and the shell's history keeps them";
const SECRETS: Record<string, string> = {
  "--password":
    "set EDGE_CASHIER_PASSWORD, name another variable with --password-env NAME, or leave it away in a terminal and be asked for it",
  "--api-key": "set EDGE_CASHIER_API_KEY, or name another variable with --api-key-env NAME",
};

/**
 * Node's `parseArgs`, with errors of our own: they name the remedy, and they never repeat a value, since a value in the
 * wrong place may be a secret.
 */
export function parse<const O extends Options>(command: string, args: string[], options: O) {
  refuseSecrets(args);
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true });
  } catch (error) {
    const code = systemCode(error);
    const option = error instanceof Error ? /'(-[^\s'=]*)/.exec(error.message)?.[1] : undefined;
    const help = `"edge-cashier ${command} --help" lists the options`;
    if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") throw usage(`unknown option ${option ?? ""}: ${help}`);
    if (code === "ERR_PARSE_ARGS_INVALID_OPTION_VALUE") throw usage(wrongValue(option ?? "", options, help));
    throw error;
  }
}

function wrongValue(option: string, options: Options, help: string): string {
  const takesValue = options[option.replace(/^-+/, "")]?.type === "string";
  return takesValue
    ? `${option} needs a value (one that begins with a dash is written ${option}=-…): ${help}`
    : `${option} takes no value: ${help}`;
}

function refuseSecrets(args: string[]): void {
  for (const argument of args) {
    if (argument === "--") return;
    const name = argument.split("=", 1)[0] ?? "";
    const remedy = SECRETS[name];
    if (remedy) throw usage(`${name} is refused: ${BECAUSE}. Instead, ${remedy}.`);
  }
}

/** The one positional argument that a command takes, if it was given. */
export function atMostOne(command: string, positionals: string[], what: string): string | undefined {
  if (positionals.length > 1) {
    throw usage(
      `${positionals.length} arguments where one ${what} is expected: quote a name that holds spaces ("edge-cashier ${command} --help")`,
    );
  }
  return positionals[0];
}
