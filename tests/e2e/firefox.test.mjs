// A customer's ways through each mode of the cashier, in Firefox with its popup blocker on: the other suites here drive Chromium.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { arrives, goBack, launch, nextPopup, until } from "../launcher/browsers.mjs";
import { orderWithoutPress } from "./customer.mjs";
import { startServers } from "./servers.mjs";

let servers;
let browser;
let tab;
/** What the consoles of the tab and its windows say of errors. */
let mistakes;
/** The pattern of the mistake that a test makes on purpose. */
let provoked;

before(async () => {
  servers = await startServers();
  browser = await launch("Firefox");
});
after(async () => {
  await browser?.close();
  await servers?.stop();
});
beforeEach(async () => {
  await servers.control("state", "DELETE");
  mistakes = [];
  provoked = undefined;
  tab = await (await browser.createBrowserContext()).newPage();
  watch(tab);
  tab.on("popup", watch);
  await tab.goto(servers.shop);
});
afterEach(async () => {
  await tab.browserContext().close();
  assert.deepEqual(
    mistakes.filter((mistake) => !provoked?.test(mistake)),
    [],
  );
});

/** Keeps what goes wrong in a window unseen; Firefox tells of a violated policy in the console. */
function watch(page) {
  page.on("pageerror", (error) => mistakes.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") mistakes.push(message.text());
  });
}

/** Waits until a page or frame shows an element. */
const shown = (place, selector) =>
  until(
    place,
    (wanted) => {
      const found = document.querySelector(wanted);
      return found?.checkVisibility() && found;
    },
    selector,
  );
const press = async (place, selector) => (await shown(place, selector)).click();
const choose = (cashier, decision) => press(cashier, `[data-testid=cashier-${decision}]`);

const sees = (state) => shown(tab, `#payment[data-state="${state}"]`);
const seesReturn = () =>
  until(tab, () => /You came back/.test(document.querySelector("#timeline").textContent));

/** Signs in and presses the button. */
async function order(mode) {
  await press(tab, ".user");
  await shown(tab, "#order");
  await tab.$eval("#amount", (field) => (field.value = "10.05"));
  await press(tab, `[name=mode][value=${mode}]`);
  await press(tab, "#order-button");
}

const atGateway = (place) => until(place, (gateway) => location.origin === gateway, servers.gateway);

/** The same; gives the page or frame that the cashier is in. */
async function toCashier(mode) {
  const appears = mode === "popup" && nextPopup(tab);
  await order(mode);
  const places = {
    redirect: () => tab,
    popup: () => appears,
    iframe: async () => (await shown(tab, "#cashier-frame iframe")).contentFrame(),
  };
  const cashier = await places[mode]();
  await atGateway(cashier);
  return cashier;
}

async function challenged(cashier) {
  await choose(cashier, "challenge");
  await until(cashier, () => /Confirm it is you/.test(document.body?.textContent));
}
const reopen = async () => {
  await sees("opened");
  await press(tab, "#payment-reopen");
  await atGateway(tab);
};

/** What the customer does in the cashier, by mode where that differs, and what the shop's page shows then. What happens in the cashier alone is tried in one mode. */
const WAYS = {
  approved: { go: (cashier) => choose(cashier, "approve"), ends: "successful" },
  "declined, then approved": {
    only: "iframe",
    async go(cashier) {
      await choose(cashier, "decline-retry");
      await shown(cashier, "[data-testid=cashier-declined]");
      await choose(cashier, "approve");
    },
    ends: "successful",
    attempts: ["Rejected", "Successful"],
  },
  "3-D Secure, approved": {
    async go(cashier) {
      await challenged(cashier);
      await choose(cashier, "approve");
    },
    ends: "successful",
  },
  "3-D Secure, declined": {
    only: "popup",
    async go(cashier) {
      await challenged(cashier);
      await choose(cashier, "decline");
    },
    ends: "rejected",
  },
  pending: { only: "redirect", go: (cashier) => choose(cashier, "pending"), ends: "pending" },
  closed: {
    go: {
      async redirect() {
        await tab.goto(servers.shop);
        await press(tab, ".recent a");
      },
      popup: (cashier) => cashier.close(),
      iframe: () => press(tab, "#cashier-close"),
    },
    ends: "opened",
  },
  "reloaded in the middle": {
    go: {
      async redirect() {
        await tab.reload();
        await choose(tab, "approve");
      },
      async popup(cashier) {
        await sees("opened");
        await tab.reload();
        await choose(cashier, "approve");
      },
      async iframe() {
        await sees("opened");
        await tab.reload();
        await reopen();
        await choose(tab, "approve");
      },
    },
    ends: "successful",
  },
  expired: {
    only: "iframe",
    settings: { token_seconds: 0 },
    async go(cashier) {
      await until(cashier, () =>
        /expired.*Nothing was paid/.test(document.querySelector("main")?.textContent),
      );
      await choose(cashier, "back");
    },
    ends: "opened",
  },
};

for (const mode of ["redirect", "popup", "iframe"]) {
  for (const [name, { only = mode, settings, go, ends, attempts }] of Object.entries(WAYS)) {
    if (only !== mode) continue;
    test(`${mode}: ${name}`, async () => {
      if (settings) await servers.control("settings", "PUT", settings);
      const cashier = await toCashier(mode);
      await (go[mode] ?? go)(cashier);
      await sees(ends);
      await seesReturn();
      assert.equal(await tab.$("#cashier-frame iframe"), null);
      if (!attempts) return;
      const badges = await tab.$$eval("#attempt-list li .badge", (found) =>
        found.map((one) => one.textContent),
      );
      assert.deepEqual(badges, attempts);
    });
  }

  test(`${mode}: back by the browser's button`, async () => {
    const cashier = await toCashier(mode);
    if (mode !== "redirect") await sees("opened");
    await goBack(tab, servers.shop);
    if (mode === "redirect") {
      await reopen();
      await choose(tab, "approve");
      await sees("successful");
      return;
    }
    // The payment's page is left for the order's: a frame goes with it, a window stays where the customer put it.
    await shown(tab, "#order");
    assert.equal(await tab.$("#cashier-frame iframe"), null);
    if (mode === "popup") assert.equal(cashier.isClosed(), false);
  });
}

test("a cashier that refuses frames opens in a window or on its own page", async () => {
  provoked = /frame-ancestors/;
  await servers.control("settings", "PUT", { frame_ancestors: "none" });
  const appears = nextPopup(tab);
  await order("iframe");
  // In a window while the press of the button is recent enough for the popup blocker.
  const cashier = await Promise.race([appears, atGateway(tab).then(() => tab)]);
  await choose(cashier, "approve");
  await sees("successful");
});

test("a window that the popup blocker stops: the cashier opens on its own page", async () => {
  await press(tab, ".user");
  await shown(tab, "#order");
  await tab.evaluateOnNewDocument(orderWithoutPress);
  await tab.reload();
  await arrives(tab, servers.gateway);
  await choose(tab, "approve");
  await sees("successful");
});
