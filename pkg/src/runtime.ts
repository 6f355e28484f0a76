/** What this code runs in: for the user agent, and for the one place where it must not run. */
interface Globals {
  readonly window?: unknown;
  readonly document?: unknown;
  readonly navigator?: { readonly userAgent?: string };
  readonly process?: { readonly versions?: { readonly node?: string } };
  readonly Deno?: { readonly version?: { readonly deno?: string } };
  readonly Bun?: { readonly version?: string };
  readonly EdgeRuntime?: string;
}

const globals = globalThis as Globals;

/** Returns the runtime with its version; `undefined` where it is not known, as in a browser. */
export function runtime(): string | undefined {
  const { Deno, Bun, navigator, EdgeRuntime, process } = globals;
  if (Deno?.version?.deno) return `deno/${Deno.version.deno}`;
  if (Bun?.version) return `bun/${Bun.version}`;
  if (navigator?.userAgent === "Cloudflare-Workers") return "workerd";
  if (typeof EdgeRuntime === "string") return "edge-light";
  return process?.versions?.node ? `node/${process.versions.node}` : undefined;
}

/** Tells whether this is a page in a browser, and not a test in Node that has a document. */
export function isBrowserPage(): boolean {
  return globals.window !== undefined && globals.document !== undefined && runtime() === undefined;
}
