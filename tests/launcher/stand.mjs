// A merchant's page under a strict policy, a Worker and a cashier, each of its own origin, and a real Chromium before them.
// The Worker and the cashier are small servers whose every answer the test decides, since the tests are about failures.
import { EventEmitter, once } from "node:events";
import { createServer } from "node:http";
import { join } from "node:path";
import { build } from "esbuild";
import { chromium } from "playwright-core";

const bundle = await build({
  entryPoints: [join(import.meta.dirname, "../../pkg/src/launcher.ts")],
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  write: false,
});
const LAUNCHER = bundle.outputFiles[0].text;

/** The minified launcher, as a URL that Node imports. */
export const LAUNCHER_URL = `data:text/javascript,${encodeURIComponent(LAUNCHER)}`;

// `run` starts the launcher and keeps what came of it as plain data. With a hash it runs by itself: no click behind it.
const PAGE_SCRIPT = `
import * as launcher from "/launcher.js";
window.launcher = launcher;
window.events = [];
window.plain = (error) => ({ ...error, message: error.message, isLauncherError: error instanceof launcher.LauncherError,
  cause: error.cause && String(error.cause) });
window.run = (options) => {
  const container = options.mode === "iframe" ? document.getElementById("container") : undefined;
  const onEvent = (event) => {
    const told = event.error ? { ...event, error: plain(event.error) } : event;
    window.events.push(told);
    console.debug(JSON.stringify(told));
  };
  window.opened = launcher.openCashier({ ...options, container, onEvent });
  window.opened.then((cashier) => { window.cashier = cashier; }, (error) => { window.failure = plain(error); });
};
document.getElementById("go").addEventListener("click", () => run(JSON.parse(document.getElementById("options").value)));
window.loaded = true;
if (location.hash) run(JSON.parse(decodeURIComponent(location.hash.slice(1))));
`;

async function listen(handler) {
  const server = createServer((request, response) => {
    Promise.resolve(handler(request, response)).catch((error) => response.destroy(error));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, origin: `http://127.0.0.1:${server.address().port}` };
}

/** Starts everything. */
export async function startStand() {
  const stand = {
    /** Every request that the Worker got. */
    requests: [],
    /** Emits `request` when the Worker got one. */
    arrivals: new EventEmitter(),
    /** What the Worker answers; set by each test. */
    answer: (_request, response) => json(response, 500, {}),
    /** What the cashier shows; set by each test. */
    cashierPage: (_request, response) => html(response, "<h1>Cashier</h1>"),
    /** Directive of the page's policy for frames. */
    frameSource: "",
  };

  const api = await listen(async (request, response) => {
    response.setHeader("access-control-allow-origin", page.origin);
    response.setHeader("access-control-allow-headers", "authorization");
    response.setHeader("access-control-expose-headers", "x-request-id, retry-after");
    if (request.method === "OPTIONS") return response.writeHead(204).end();
    let body = "";
    for await (const chunk of request) body += chunk;
    stand.requests.push({
      method: request.method,
      url: request.url,
      headers: request.headers,
      body,
      at: Date.now(),
    });
    queueMicrotask(() => stand.arrivals.emit("request"));
    await stand.answer(request, response, stand.requests.length);
  });
  const cashier = await listen((request, response) => stand.cashierPage(request, response));
  const stranger = await listen((_request, response) =>
    html(response, `<script>(window.opener ?? parent).postMessage("from a stranger", "*")</script>`),
  );
  const page = await listen((request, response) => {
    const path = request.url.split("?")[0];
    if (path === "/launcher.js" || path === "/page.js") {
      response.writeHead(200, { "content-type": "text/javascript" });
      return response.end(path === "/page.js" ? PAGE_SCRIPT : LAUNCHER);
    }
    const policy = [
      "default-src 'none'",
      "script-src 'self'",
      `connect-src ${api.origin}`,
      `frame-src ${stand.frameSource || `${cashier.origin} ${stranger.origin} ${page.origin}`}`,
      "require-trusted-types-for 'script'",
    ].join("; ");
    const returned = path === "/return" ? "<h1>Back in the shop</h1>" : "";
    html(
      response,
      `${returned}<button id="go">Pay</button><textarea id="options"></textarea><div id="container"></div>` +
        '<script type="module" src="/page.js"></script>',
      { "content-security-policy": policy },
    );
  });
  // Playwright turns the popup blocker off, and that is what is to be tested.
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    ignoreDefaultArgs: ["--disable-popup-blocking"],
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
    ],
  });

  return Object.assign(stand, {
    api: api.origin,
    cashier: cashier.origin,
    stranger: stranger.origin,
    shop: page.origin,
    browser,
    /** A fresh page; what it does wrong without being asked fails the test. */
    async visit(hashOptions) {
      stand.requests.length = 0;
      const context = await browser.newContext();
      const tab = await context.newPage();
      const hash = hashOptions ? `#${encodeURIComponent(JSON.stringify(hashOptions))}` : "";
      await tab.goto(`${page.origin}/${hash}`);
      await tab.waitForFunction(() => window.loaded);
      return tab;
    },
    async closeTabs() {
      for (const context of browser.contexts()) await context.close();
    },
    async stop() {
      await browser.close();
      for (const { server } of [api, cashier, stranger, page]) {
        server.closeAllConnections();
        server.close();
      }
    },
  });
}

export function json(response, status, value, headers = {}) {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(value));
}

export function problem(response, status, fields, headers = {}) {
  json(response, status, { status, ...fields }, { ...headers, "content-type": "application/problem+json" });
}

export function html(response, body, headers = {}) {
  response.writeHead(200, { "content-type": "text/html", ...headers });
  response.end(`<!doctype html><title>Page</title><body>${body}`);
}

/** Collects events even when the page is left; and unlike an exposed function it does not look like a click. */
export function follow(tab) {
  const told = [];
  tab.on("console", (message) => {
    if (message.type() === "debug") told.push(JSON.parse(message.text()));
  });
  return told;
}

/** Presses the button with these options. */
export async function press(tab, options) {
  await tab.fill("#options", JSON.stringify(options));
  await tab.click("#go");
}

/** Waits until the page has heard an event of this type; gives all events so far. */
export async function heard(tab, type) {
  await tab.waitForFunction((wanted) => window.events.some((event) => event.type === wanted), type);
  return tab.evaluate(() => window.events);
}

export const types = (events) => events.map(({ type }) => type);
