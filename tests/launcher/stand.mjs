// A merchant's page under a strict policy, a Worker and a cashier, each of its own origin, and a real browser before them.
// The Worker and the cashier are small servers whose every answer the test decides, since the tests are about failures.
import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { build } from "esbuild";
import { launch, until } from "./browsers.mjs";

/** The minified files of an entry, by the paths that pages load them from. */
async function scripts(name, options) {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, `../../pkg/src/${name}.ts`)],
    outdir: "/",
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: true,
    write: false,
    ...options,
  });
  return Object.fromEntries(outputFiles.map(({ path, text }) => [path, text]));
}
/** The launcher in two files and its element in one, as in the package. */
const SCRIPTS = {
  ...(await scripts("launcher", { splitting: true, chunkNames: "launcher-[name]" })),
  ...(await scripts("button")),
};

/** The element as it is published, whose bytes a page may pin. */
SCRIPTS["/dist/button.js"] = readFileSync(join(import.meta.dirname, "../../pkg/dist/button.js"), "utf8");

const importable = (path) => `data:text/javascript,${encodeURIComponent(SCRIPTS[path])}`;
/** The same, as URLs that Node imports. */
export const LAUNCHER_URL = importable("/launcher.js");
export const BUTTON_URL = importable("/button.js");

/** Tells the stand what the page's policy refuses or reports, also if the page is left at once. */
const REPORTING = `document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) =>
  console.warn("violation " + effectiveDirective));
`;

SCRIPTS["/element.js"] = `
window.events = [];
${REPORTING}for (const type of ["opening", "opened", "ready", "resized", "message", "blocked", "fallback", "closed", "failed", "settled", "state"])
  document.addEventListener("cashier-" + type, ({ detail, target }) =>
    window.events.push({ type, detail: { ...detail, error: detail.error?.code }, by: target.id }));
window.loaded = true;
`;

// `run` starts the launcher and keeps what came of it as plain data. With a hash it runs by itself: no click behind it.
SCRIPTS["/page.js"] = `
import * as launcher from "/launcher.js";
window.launcher = launcher;
window.events = [];
${REPORTING}window.unhandled = [];
addEventListener("unhandledrejection", ({ reason }) => window.unhandled.push(String(reason)));
window.plain = (error) => ({ ...error, message: error.message, isLauncherError: error instanceof launcher.LauncherError,
  cause: error.cause && String(error.cause) });
window.run = (options) => {
  const container = options.modal ? undefined : document.getElementById("container");
  delete options.modal;
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

export const TICKET = "header.obviously-fake-ticket.signature";

/** What a cashier says when it has loaded. */
export const READY = `<script>onload = () => (window.opener ?? parent).postMessage({ type: "ready" }, "*");</script>`;
const SPEAKING_CASHIER = `<h1>Cashier</h1>${READY}`;

/** Says what it may do, where the browser tells it. */
const BANK = `<script>parent.postMessage(Object.fromEntries(
  ["payment", "publickey-credentials-get", "publickey-credentials-create"].map((feature) =>
    [feature, document.featurePolicy?.allowsFeature(feature) ?? null])), "*");</script>`;

async function listen(handler) {
  const server = createServer((request, response) => {
    Promise.resolve(handler(request, response)).catch((error) => response.destroy(error));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, origin: `http://127.0.0.1:${server.address().port}` };
}

/** Starts everything. */
export async function startStand(browserName) {
  const stand = {
    /** Every request that the Worker got. */
    requests: [],
    /** Emits `request` when the Worker got one, `violation` when a page has reported one. */
    arrivals: new EventEmitter(),
    /** What the Worker answers; set by each test. */
    answer: undefined,
    /** What the cashier shows; set by each test. */
    cashierPage: undefined,
    /** Directives of the page's policy for frames and scripts. */
    frameSource: "",
    scriptSource: "",
    /** What answers for the launcher's second file, if not that file; set by a test. */
    framePart: undefined,
    /** A second policy of the page, which only reports. */
    reportOnly: "",
    /** HTML of the page at /element, and what loads the element there. */
    element: "",
    elementScript: "",
    /** Directives that the pages have violated, as reported so far. */
    violations: [],
    /** Every request for a ticket that the shop's own backend got. */
    ticketRequests: [],
    /** What it answers; set by each test. */
    ticketAnswer: undefined,
    /** The page's scripts, by path; a test may add its own. */
    scripts: SCRIPTS,
    /** What holds unless a test sets it otherwise: a session, and a cashier that speaks. */
    reset() {
      stand.frameSource = "";
      stand.scriptSource = "";
      stand.framePart = undefined;
      stand.reportOnly = "";
      stand.elementScript = '<script type="module" src="/button.js"></script>';
      stand.ticketRequests.length = 0;
      stand.ticketAnswer = (response) => json(response, 200, { ticket: TICKET });
      stand.answer = (_request, response) => json(response, 201, stand.session());
      stand.cashierPage = (_request, response) => html(response, SPEAKING_CASHIER);
    },
    session: () => ({
      tracking_id: "order-1",
      operation: "hosted_deposit",
      token: "tok",
      cashier_url: `${stand.cashier}/cashier/tok`,
    }),
    options: (changes = {}) => ({ endpoint: stand.api, ticket: TICKET, ...changes }),
  };

  const api = await listen(async (request, response) => {
    response.setHeader("access-control-allow-origin", page.origin);
    response.setHeader("access-control-allow-headers", "authorization, content-type");
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
  const stranger = await listen((request, response) =>
    html(
      response,
      request.url === "/bank"
        ? BANK
        : `<script>(window.opener ?? parent).postMessage("from a stranger", "*")</script>`,
    ),
  );
  const page = await listen((request, response) => {
    const path = request.url.split("?")[0];
    if (path === "/launcher-frame.js" && stand.framePart) return stand.framePart(response);
    if (path in SCRIPTS) {
      response.writeHead(200, { "content-type": "text/javascript" });
      return response.end(SCRIPTS[path]);
    }
    if (path.endsWith("/ticket")) {
      stand.ticketRequests.push({ method: request.method, cookie: request.headers.cookie });
      return stand.ticketAnswer(response);
    }
    const policy = [
      "default-src 'none'",
      // Firefox asks for the page's icon by itself.
      "img-src 'self'",
      `script-src ${stand.scriptSource || "'self'"}`,
      `connect-src 'self' ${api.origin}`,
      `frame-src ${stand.frameSource || `${cashier.origin} ${stranger.origin} ${page.origin}`}`,
      "require-trusted-types-for 'script'",
    ].join("; ");
    const returned = path === "/return" ? "<h1>Back in the shop</h1>" : "";
    if (path.startsWith("/element")) {
      const page = `${stand.element}<script type="module" src="/element.js"></script>${stand.elementScript}`;
      return html(response, page, {
        "content-security-policy": policy,
        "set-cookie": "shop=session; SameSite=Strict",
      });
    }
    html(
      response,
      `${returned}<button id="go">Pay</button><textarea id="options"></textarea><div id="container"></div>` +
        '<script type="module" src="/page.js"></script>',
      {
        "content-security-policy": policy,
        ...(stand.reportOnly && { "content-security-policy-report-only": stand.reportOnly }),
      },
    );
  });
  const browser = await launch(browserName);
  async function newPage() {
    const tab = await (await browser.createBrowserContext()).newPage();
    tab.on("console", (message) => {
      const [, directive] = /^violation (.*)/.exec(message.text()) ?? [];
      if (!directive) return;
      stand.violations.push(directive);
      stand.arrivals.emit("violation");
    });
    return tab;
  }

  stand.reset();
  return Object.assign(stand, {
    api: api.origin,
    cashier: cashier.origin,
    stranger: stranger.origin,
    shop: page.origin,
    browser,
    /** A fresh page. */
    async visit(path = "/") {
      stand.requests.length = 0;
      const tab = await newPage();
      await tab.goto(`${page.origin}${path}`);
      await until(tab, () => window.loaded);
      return tab;
    },
    /** A fresh page that starts the launcher by itself, with no click behind it; gives the events that it hears, as they come. */
    async visitWithoutClick(options) {
      stand.requests.length = 0;
      const tab = await newPage();
      const told = follow(tab);
      await tab.goto(`${page.origin}/#${encodeURIComponent(JSON.stringify(options))}`);
      return { tab, told };
    },
    /** Waits until a page has violated this directive, and takes that off the list. */
    async expectViolation(directive) {
      while (!stand.violations.includes(directive))
        await once(stand.arrivals, "violation", { signal: AbortSignal.timeout(20_000) });
      stand.violations = stand.violations.filter((one) => one !== directive);
    },
    /** Breaks what the Worker has not answered yet. */
    dropConnections: () => api.server.closeAllConnections(),
    /** To be called after each test, which has violated the strict policy only where it says so. */
    async closeTabs() {
      const contexts = browser.browserContexts().filter((one) => one !== browser.defaultBrowserContext());
      for (const context of contexts) await context.close();
      assert.deepEqual(stand.violations.splice(0), []);
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
  response.writeHead(200, { "content-type": "text/html; charset=utf-8", ...headers });
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
  await tab.$eval(
    "#options",
    (field, text) => Object.assign(field, { value: text }),
    JSON.stringify(options),
  );
  await tab.click("#go");
}

/** Waits until the page has heard an event of this type; gives all events so far. */
export async function heard(tab, type) {
  await until(tab, (wanted) => window.events.some((event) => event.type === wanted), type);
  return tab.evaluate(() => window.events);
}

export const types = (events) => events.map(({ type }) => type);
