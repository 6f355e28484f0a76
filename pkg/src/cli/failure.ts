/** How the command line ends when it does not end well. The numbers are part of the interface; `--help` lists them. */
export const EXIT = { ok: 0, refused: 1, usage: 2, unreachable: 3, internal: 70, interrupted: 130 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Something the user can put right: `message` names the remedy and is printed without a stack. */
export class Failure extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The command was called wrongly. */
export function usage(message: string): Failure {
  return new Failure(EXIT.usage, message);
}

/** The `code` of a Node system error (`ENOENT`), if `error` is one. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
