// docs/tickets.md, taken apart: its programs and its tables are what the tests run and compare with.

import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const text = readFileSync(join(resolve(import.meta.dirname, "../.."), "docs/tickets.md"), "utf8");

/** The one program in a language. */
export function program(language) {
  const found = [...text.matchAll(/^```(\w+)\n(.*?)^```/gms)].filter(([, name]) => name === language);
  if (found.length !== 1) throw new Error(`docs/tickets.md has ${found.length} ${language} blocks`);
  return found[0][2];
}

/** The rows of the table with this first cell in its head, as texts without the backticks of code. */
export function table(head) {
  const rows = text
    .split(/\n\n/)
    .find((paragraph) => paragraph.startsWith(`| ${head} |`))
    ?.split("\n");
  if (!rows) throw new Error(`docs/tickets.md has no table that starts with ${head}`);
  return rows
    .slice(2)
    .filter((row) => row !== "")
    .map((row) =>
      row
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll("`", "")),
    );
}
