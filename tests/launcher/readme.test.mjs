// The README's two programs for the shop's pages, as they are there: from the press to the cashier, and after the return.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { arrives, inEachBrowser, until } from "./browsers.mjs";
import { json, startStand, TICKET } from "./stand.mjs";

const readme = readFileSync(join(import.meta.dirname, "../../README.md"), "utf8");
const programs = [...readme.matchAll(/^```js\n(.*?)^```/gms)]
  .map(([, program]) => program)
  .filter((program) => program.includes("edge-cashier/launcher"));

inEachBrowser((browser) => {
  let stand;
  before(async () => {
    stand = await startStand(browser);
    // The one address that is the reader's own, and what a bundler makes of the import.
    const served = programs.map((program) =>
      program
        .replaceAll("https://pay.example.com", stand.api)
        .replace("edge-cashier/launcher", "/launcher.js"),
    );
    [stand.scripts["/pay.js"], stand.scripts["/returned.js"]] = served;
  });
  after(() => stand.stop());
  afterEach(() => stand.closeTabs());

  test("the press leads to the cashier, and the page of the return learns what became of the payment", async () => {
    assert.equal(programs.length, 2);
    stand.ticketAnswer = (response) => json(response, 200, { ticket: TICKET, tracking_id: "order-1" });
    stand.element = '<button id="pay">Pay</button><script type="module" src="/pay.js"></script>';
    const tab = await stand.visit("/element");
    await tab.click("#pay");
    await arrives(tab, stand.session().cashier_url);
    assert.equal(stand.requests.at(-1).headers.authorization, `Bearer ${TICKET}`);

    const payment = {
      tracking_id: "order-1",
      state: "successful",
      settled: true,
      amount: "10.05",
      version: 1,
    };
    stand.answer = (_request, response) => json(response, 200, payment);
    stand.element = '<script type="module" src="/returned.js"></script>';
    const logged = new Promise((told) =>
      tab.once("console", (message) => told(message.args()[0].jsonValue())),
    );
    await tab.goto(`${stand.shop}/element?tracking_id=order-1`);
    assert.deepEqual(await logged, { ...payment, timed_out: false });
    await until(tab, () => window.loaded);
  });
});
