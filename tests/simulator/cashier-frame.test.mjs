// The cashier in a frame and as a popup, in real Chromium: what its script tells the shop's page, and whom it tells nothing.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, beforeEach, test } from "node:test";
import { startBrowser } from "../e2e/servers.mjs";
import { deposit, start } from "./support.mjs";

/** The shop's page: it opens what its address names, and keeps what it is told. */
const PAGE = `<!doctype html><title>Shop</title><body><script>
  window.told = [];
  addEventListener("message", ({ data, origin }) => told.push({ data, origin }));
  const of = new URLSearchParams(location.search);
  if (of.has("frame")) document.body.append(Object.assign(document.createElement("iframe"), { src: of.get("frame"), height: 2000 }));
</script>`;

let house;
let browser;
let shop;
let origin;
before(async () => {
  house = await start();
  browser = await startBrowser();
  shop = createServer((_, reply) => reply.setHeader("content-type", "text/html").end(PAGE)).listen(0);
  await once(shop, "listening");
  origin = `http://localhost:${shop.address().port}`;
});
after(async () => {
  await browser?.close();
  shop?.closeAllConnections();
  shop?.close();
  await house?.stop();
});
beforeEach(async () => {
  await house.reset();
  await house.settings({ return_url: `${origin}/return` });
});

async function opened() {
  const token = await house.open("/cashier/deposit", deposit());
  const tab = await browser.newPage({ viewport: { width: 500, height: 900 } });
  const complaints = [];
  tab.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  tab.on("pageerror", (error) => complaints.push(String(error)));
  return { tab, complaints, address: `${house.url}/cashier/${token}` };
}

/** What the page was told, once a message satisfies `last`. */
async function told(tab, last) {
  await tab.waitForFunction(
    (last) =>
      window.told.some(({ data }) => data.type === last.type && (!last.not || data.height !== last.not)),
    last,
  );
  return tab.evaluate(() => window.told);
}

test("framed: ready and its height, at load and when it changes, to the shop's origin, under the page's policy", async () => {
  const { tab, complaints, address } = await opened();
  await tab.goto(`${origin}/?frame=${encodeURIComponent(address)}`);
  const first = await told(tab, { type: "resize" });
  const frame = tab.frames().find((frame) => frame.url().startsWith(house.url));
  // The page's height, and not the frame's 2000 px.
  const height = await frame.evaluate(() =>
    Math.ceil(document.documentElement.getBoundingClientRect().height),
  );
  assert.ok(height > 400 && height < 1500, `${height} px`);
  assert.deepEqual(first, [
    { data: { type: "ready" }, origin: house.url },
    { data: { type: "resize", height }, origin: house.url },
  ]);

  await tab.evaluate(() => document.querySelector("iframe").setAttribute("width", "1000"));
  await told(tab, { type: "resize", not: height });

  // The same page after a declined attempt: it loads anew, and says so.
  await frame.getByTestId("cashier-decline-retry").click();
  await frame.getByTestId("cashier-declined").waitFor();
  await tab.waitForFunction(() => window.told.filter(({ data }) => data.type === "ready").length === 2);
  assert.deepEqual(complaints, []);
  await tab.close();
});

test("framed: Escape in the frame tells the shop's page to close it", async () => {
  const { tab, address } = await opened();
  await tab.goto(`${origin}/?frame=${encodeURIComponent(address)}`);
  await told(tab, { type: "ready" });
  const frame = tab.frames().find((frame) => frame.url().startsWith(house.url));
  await frame.getByRole("heading").first().click();
  await tab.keyboard.press("a");
  await tab.keyboard.press("Escape");
  const closings = (await told(tab, { type: "close" })).filter(({ data }) => data.type === "close");
  assert.deepEqual(closings, [{ data: { type: "close" }, origin: house.url }]);
  await tab.close();
});

test("a popup tells its opener", async () => {
  const { tab, complaints, address } = await opened();
  await tab.goto(origin);
  const [popup] = await Promise.all([
    tab.waitForEvent("popup"),
    tab.evaluate((address) => void window.open(address, "cashier", "width=400,height=700"), address),
  ]);
  const [ready, resize] = await told(tab, { type: "resize" });
  assert.deepEqual(ready, { data: { type: "ready" }, origin: house.url });
  assert.ok(resize.data.height > 400);
  assert.deepEqual(complaints, []);
  await popup.close();
  await tab.close();
});

test("a page of another origin than the return URL's is told nothing", async () => {
  const { tab, address } = await opened();
  const other = origin.replace("localhost", "127.0.0.1");
  await tab.goto(`${other}/?frame=${encodeURIComponent(address)}`);
  const frame = await (await tab.waitForSelector("iframe")).contentFrame();
  await frame.waitForFunction(() => document.documentElement.dataset.framed !== undefined);
  await frame.waitForLoadState("load");
  // A message of our own comes after any that the script sent.
  await frame.evaluate(() => parent.postMessage({ type: "last" }, "*"));
  const messages = await told(tab, { type: "last" });
  assert.deepEqual(
    messages.map(({ data }) => data),
    [{ type: "last" }],
  );
  await tab.close();
});
