// Pictures of every page, light, dark and on a phone, in target/screenshots: for people to look at, nothing compares them.
//
//   node xtask/js/screenshots.mjs [name …] [--readme]
//
// A name limits the run to the pages whose name begins with it; --readme also writes the pictures of README.md to docs/images. CHROMIUM names the browser.
import { mkdirSync, rmSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { Customer } from "../../tests/e2e/customer.mjs";
import { startBrowser, startServers } from "../../tests/e2e/servers.mjs";
import { API_KEY, deposit } from "../../tests/simulator/support.mjs";

const root = resolve(import.meta.dirname, "../..");
const OUT = join(root, "target/screenshots");
const IMAGES = join(root, "docs/images");
/** What a page of README.md may weigh, in bytes. */
const MOST = 200_000;

const DESKTOP = { viewport: { width: 1200, height: 800 } };
const LOOKS = {
  light: { ...DESKTOP, colorScheme: "light" },
  dark: { ...DESKTOP, colorScheme: "dark" },
  phone: {
    viewport: { width: 360, height: 780 },
    colorScheme: "light",
    deviceScaleFactor: 2,
    isMobile: true,
    hasTouch: true,
  },
};

/** How to come to each page, from nothing: a customer with an empty tab, and the running servers. */
const PAGES = {
  "shop-signed-out": (customer) => toShop(customer),
  "shop-deposit": async (customer) => {
    await signIn(customer);
    await customer.tab.fill("#amount", "25.00");
    await customer.tab.locator("#amount").blur();
  },
  "cashier-deposit": async (customer) => {
    await signIn(customer);
    await customer.orderDeposit("25.00");
    await customer.tab.waitForSelector("[data-testid=cashier-approve]");
  },
  "cashier-withdrawal": async (customer) => {
    await signIn(customer);
    await customer.orderWithdrawal("120");
    await customer.tab.waitForSelector("[data-testid=cashier-approve]");
  },
  "cashier-challenge": async (customer) => {
    await signIn(customer);
    await customer.orderDeposit("25.00");
    await customer.tab.click("[data-testid=cashier-challenge]");
    await customer.tab.waitForURL(/\/challenge\//);
  },
  "cashier-expired": async (customer, servers) => {
    await servers.control("settings", "PUT", { token_seconds: 0 });
    await signIn(customer);
    await customer.orderDeposit("25.00");
    await customer.tab.waitForSelector("[data-testid=cashier-back]");
  },
  "cashier-unknown": ({ tab }, { gateway }) => tab.goto(`${gateway}/cashier/mistyped`),
  "cashier-declined": (customer) => declinedOnce(customer),
  "cashier-framed": async (customer) => {
    await signIn(customer);
    await customer.orderDeposit("25.00", "iframe");
    const frame = customer.tab.frameLocator("#cashier-frame iframe");
    await frame.locator("[data-testid=cashier-approve]").waitFor();
    await customer.sees("opened");
  },
  "cashier-provider": async ({ tab }, { gateway }) => {
    const reply = await fetch(`${gateway}/payments/direct`, {
      method: "POST",
      headers: { "x-api-key": API_KEY, "content-type": "application/json" },
      body: JSON.stringify(deposit({ tracking_id: "order-1024", provider_id: 211, theme: undefined })),
    });
    await tab.goto((await reply.json()).url);
    await tab.waitForSelector("[data-testid=cashier-approve]");
  },
  "launcher-dialog": async (customer) => {
    await signIn(customer);
    await customer.orderDeposit("25.00");
    await customer.tab.waitForSelector("[data-testid=cashier-approve]");
    await openInDialog(customer);
    await customer.tab.frameLocator("dialog iframe").locator("[data-testid=cashier-approve]").waitFor();
  },
  "shop-problem": async (customer, servers) => {
    await signIn(customer);
    await servers.control("settings", "PUT", { fault: { kind: "status", status: 503, times: 1 } });
    await customer.orderDeposit("25.00");
    await customer.tab.waitForSelector("#problem:not([hidden])");
  },
  "payment-timeline": (customer) => pay(customer),
  "payment-attempts": async (customer) => {
    await declinedOnce(customer);
    await customer.decide("approve");
    await customer.sees("successful", "Delivered to the shop");
    await customer.counts("good");
  },
  "merchant-payout": (customer) => withdraw(customer),
  "merchant-paid": async (customer) => {
    await withdraw(customer);
    await customer.tab.click("#payout-approve");
    await customer.sees("successful", "Delivered to the shop");
    await customer.counts("good");
  },
  faults: async (customer) => {
    await signIn(customer);
    await customer.causes("duplicate", "endpoint_fails");
    await customer.orderDeposit("25.00");
    await customer.decide("approve");
    await customer.sees("successful", "Delivered to the shop");
    await customer.counts("good");
  },
  control: async (customer, servers) => {
    await pay(customer);
    await customer.tab.click("#payment-again");
    await customer.orderDeposit("80.00");
    await customer.decide("decline");
    await customer.sees("rejected");
    await customer.tab.click("#payment-again");
    await customer.orderWithdrawal("120");
    await customer.decide("approve");
    await customer.sees("pending");
    await customer.tab.goto(`${servers.gateway}/control`);
  },
  "control-refused": async ({ tab }, servers) => {
    await tab.goto(`${servers.gateway}/control`);
    await tab.getByLabel("Token good for, seconds").fill("a while");
    await tab.getByRole("button", { name: "Save settings" }).click();
    await tab.getByRole("alert").waitFor();
  },
  "inspector-empty": (customer, servers) => toInspector(customer, servers),
  "inspector-verified": (customer, servers) => toInspector(customer, servers, "Pretty-printed"),
  "inspector-refused": (customer, servers) => toInspector(customer, servers, "Amount as a number"),
};

/** The pictures of README.md: a page, its look, and how many of its pixels from the top. */
const README = [
  { page: "cashier-deposit", look: "dark", height: 960 },
  { page: "payment-attempts", look: "light", height: 960 },
  { page: "faults", look: "dark", height: 960 },
  { page: "inspector-refused", look: "light", height: 960 },
];

async function toShop({ tab, servers }) {
  await tab.goto(servers.shop);
  await tab.waitForSelector(".user");
}

async function signIn(customer) {
  await toShop(customer);
  await customer.signIn("EUR");
}

async function pay(customer) {
  await signIn(customer);
  await customer.orderDeposit("25.00");
  await customer.decide("approve");
  await customer.sees("successful", "Delivered to the shop");
  await customer.counts("good");
}

/** To a cashier whose first card was declined. */
async function declinedOnce(customer) {
  await signIn(customer);
  await customer.orderDeposit("25.00");
  await customer.tab.click("[data-testid=cashier-decline-retry]");
  await customer.tab.waitForSelector("[data-testid=cashier-declined]");
}

/** The shop's own page has a place for the frame; without one the launcher shows it in a dialog over the page. */
async function openInDialog({ tab, servers: { shop } }) {
  for (const name of ["launcher.js", "launcher-frame.js"]) {
    await tab.route(`${shop}/${name}`, (route) => route.fulfill({ path: join(root, "pkg/dist", name) }));
  }
  await tab.goto(shop);
  await tab.waitForSelector("#order:not([hidden])");
  await tab.evaluate(async (endpoint) => {
    const { openCashier } = await import("/launcher.js");
    const [{ ticket }] = JSON.parse(sessionStorage.getItem("marram.payments"));
    await openCashier({ endpoint, ticket, mode: "iframe" });
  }, shop);
}

async function withdraw(customer) {
  await signIn(customer);
  await customer.orderWithdrawal("120");
  await customer.decide("approve");
  await customer.sees("pending", "Delivered to the shop");
  await customer.counts("good");
}

async function toInspector({ tab }, { shop }, example) {
  await tab.goto(`${shop}/inspector`);
  await tab.waitForSelector("[data-core=ready]");
  if (!example) return;
  await tab.getByRole("button", { name: example }).click();
  await tab.waitForSelector("#result:not([hidden])");
}

/** Goes to a page in a browser session of its own, and hands it over. */
async function show(servers, browser, page, look, take) {
  // What one page left behind is in no other's picture; and the same seed gives the same ids.
  await servers.control("state", "DELETE");
  await servers.control("settings", "PUT", { seed: 7 });
  const customer = await Customer.visit(browser, servers, { open: false, reducedMotion: "reduce", ...look });
  try {
    await PAGES[page](customer, servers);
    // Not until the network is idle: a page that follows a payment always asks for more.
    await customer.tab.waitForLoadState("load");
    await take(customer.tab);
  } finally {
    await customer.leaves();
  }
}

/** Takes all pictures that can be taken; gives what went wrong with the others. */
async function takeAll(servers, browser, pages) {
  const failures = [];
  for (const page of pages) {
    for (const [name, look] of Object.entries(LOOKS)) {
      const path = join(OUT, `${page}-${name}.png`);
      const take = async (tab) => {
        // A modal dialog darkens what the window shows, and not the rest of the page.
        const fullPage = (await tab.locator("dialog:modal").count()) === 0;
        await tab.screenshot({ path, fullPage, animations: "disabled" });
      };
      try {
        await show(servers, browser, page, look, take);
        console.log(`    ${relative(root, path)}`);
      } catch (error) {
        failures.push(`${page}, ${name}: ${error.message}`);
      }
    }
  }
  return failures;
}

async function takeForReadme(servers, browser) {
  mkdirSync(IMAGES, { recursive: true });
  for (const { page, look, height } of README) {
    const path = join(IMAGES, `${page}.png`);
    const sized = { ...LOOKS[look], viewport: { ...LOOKS[look].viewport, height } };
    await show(servers, browser, page, sized, async (tab) => {
      await tab.evaluate(() => scrollTo(0, 0));
      await tab.screenshot({ path, animations: "disabled" });
    });
    const { size } = statSync(path);
    console.log(`    ${relative(root, path)}, ${Math.round(size / 1000)} KB`);
    if (size > MOST) throw new Error(`${relative(root, path)} has ${size} bytes, and may have ${MOST}`);
  }
}

const { values: options, positionals: names } = parseArgs({
  options: { readme: { type: "boolean", default: false } },
  allowPositionals: true,
});
const pages = Object.keys(PAGES).filter(
  (page) => names.length === 0 || names.some((name) => page.startsWith(name)),
);
if (pages.length === 0) {
  console.error(`no page is called ${names.join(" or ")}: there are ${Object.keys(PAGES).join(", ")}`);
  process.exit(1);
}
if (names.length === 0) rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });
const servers = await startServers();
try {
  const browser = await startBrowser();
  try {
    const failures = await takeAll(servers, browser, pages);
    for (const failure of failures) console.error(`\nno picture of ${failure}`);
    if (failures.length > 0) process.exitCode = 1;
    if (options.readme) await takeForReadme(servers, browser);
  } finally {
    await browser.close();
  }
} finally {
  await servers.stop();
}
