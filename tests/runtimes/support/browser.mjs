// Real Chromium, and a static server with the strictest policy that WebAssembly allows.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { chromium } from "playwright-core";

const types = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".css": "text/css",
  ".wasm": "application/wasm",
};
const policy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; img-src 'self'; style-src 'self'; frame-src 'self'";

export async function launchBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** Serves a folder on a free port of this machine. */
export async function serve(folder) {
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url, "http://localhost").pathname);
    // Chromium asks by itself; a 404 would be among the page's complaints.
    if (path === "/favicon.ico") return response.writeHead(204).end();
    const file = join(folder, path === "/" ? "index.html" : path);
    try {
      const content = await readFile(file);
      response
        .writeHead(200, {
          "content-type": types[extname(file)] ?? "application/octet-stream",
          "content-security-policy": policy,
        })
        .end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  // Should a test fail before it closes this, its process ends all the same.
  server.unref();
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    close: () => new Promise((closed) => server.close(closed).closeAllConnections()),
  };
}

/** Opens a page that sets `globalThis.checks`; returns that list, or fails with whatever the page complained of. */
export async function checksOfPage(browser, url) {
  const page = await browser.newPage();
  const complaints = [];
  let failed;
  const failure = new Promise((_, reject) => (failed = reject));
  page.on("pageerror", (error) => {
    complaints.push(String(error.stack ?? error));
    failed(new Error(`the page failed:\n${complaints.join("\n")}`));
  });
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(`${message.text()} (${message.location().url})`);
  });
  try {
    await page.goto(url);
    const handle = await Promise.race([
      page
        .waitForFunction(() => globalThis.checks, undefined, { timeout: 20_000 })
        .catch((error) => {
          throw new Error(`${error.message}\n${complaints.join("\n")}`);
        }),
      failure,
    ]);
    return { checks: await handle.jsonValue(), complaints };
  } finally {
    failure.catch(() => {});
    await page.close();
  }
}
