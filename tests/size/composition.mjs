// What a module consists of: the bytes of its functions by crate, read off the name section of the module before wasm-bindgen and wasm-opt take the names away. What
// wasm-opt removes or merges is still in it, so the shares are rough.
import { readFileSync } from "node:fs";

const [IMPORT, CODE] = [2, 10];
const [FUNCTION, TABLE, MEMORY, GLOBAL, TAG] = [0, 1, 2, 3, 4];
const FUNCTION_NAMES = 1;

/** Pairs of a crate and the share of all code that is its own, the largest first. */
export function composition(path) {
  const { sizes, names } = functions(readFileSync(path));
  const byCrate = new Map();
  let total = 0;
  for (const [index, size] of sizes) {
    const name = names.get(index) ?? "";
    // wasm-bindgen runs these when it writes the glue, and removes them.
    if (name.includes("wbindgen_describe") || name.startsWith("_wbg_")) continue;
    const crate = crateOf(name);
    byCrate.set(crate, (byCrate.get(crate) ?? 0) + size);
    total += size;
  }
  return [...byCrate].map(([crate, size]) => [crate, size / total]).sort(([, one], [, other]) => other - one);
}

/** The first crate that a mangled name names; for an exported function ours. */
function crateOf(name) {
  const v0 = /^_R.*?Cs[0-9A-Za-z]+_(\d+)_?(.*)/.exec(name);
  if (v0) return v0[2].slice(0, Number(v0[1]));
  const legacy = /^_ZN(\d+)(.*)/.exec(name);
  if (!legacy) return "edge_cashier";
  const first = legacy[2].slice(0, Number(legacy[1]));
  // `<T as serde::de::Visitor>::…` begins with the type, which says best whose code it is.
  const words = first.replace(/\$[A-Za-z0-9]+\$/g, " ").match(/[a-z][a-z0-9_]+/g) ?? [];
  return words.find((word) => !["as", "mut", "dyn", "impl", "for", "str"].includes(word)) ?? "other";
}

function functions(bytes) {
  let at = 8;
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  const text = () => {
    const length = number();
    at += length;
    return bytes.toString("utf8", at - length, at);
  };
  const limits = () => {
    const bounded = bytes[at++] & 1;
    number();
    if (bounded) number();
  };
  let imported = 0;
  const sizes = new Map();
  const names = new Map();
  while (at < bytes.length) {
    const section = bytes[at++];
    const length = number();
    const end = at + length;
    if (section === IMPORT) {
      for (let left = number(); left > 0; left--) {
        text();
        text();
        const kind = bytes[at++];
        if (kind === FUNCTION) imported++;
        if (kind === TABLE || kind === GLOBAL || kind === TAG) at++;
        if (kind === TABLE || kind === MEMORY) limits();
        else if (kind === GLOBAL) at++;
        else number();
      }
    } else if (section === CODE) {
      const count = number();
      for (let index = 0; index < count; index++) {
        const size = number();
        sizes.set(imported + index, size);
        at += size;
      }
    } else if (section === 0 && text() === "name") {
      while (at < end) {
        const kind = bytes[at++];
        const subsection = number();
        const next = at + subsection;
        if (kind === FUNCTION_NAMES) for (let left = number(); left > 0; left--) names.set(number(), text());
        at = next;
      }
    }
    at = end;
  }
  return { sizes, names };
}
