import { version } from "../index.js";

/** Sent by `send`, and printed by `--version`. */
export const USER_AGENT = `edge-cashier/${version} (command line)`;

/** One line of result. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** The result for programs. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** What went wrong, for people. */
export function complain(text: string): void {
  process.stderr.write(`edge-cashier: ${text}\n`);
}

/** Text that came from outside, with what could move the cursor or recolour the terminal made visible. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Co}\u2028\u2029]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u{${code.toString(16)}}`;
  });
}

/** Names and values in two columns. */
export function table(rows: [string, string][]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${printable(value)}`).join("\n");
}
