// The frame as the customer has it: focus, Escape, the close button, what it may do, what it looks like.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { inEachBrowser, until } from "./browsers.mjs";
import { heard, html, press, READY, startStand, types } from "./stand.mjs";

inEachBrowser((browser) => {
  let stand;
  before(async () => {
    stand = await startStand(browser);
  });
  after(() => stand.stop());
  beforeEach(() => stand.reset());
  afterEach(() => stand.closeTabs());

  /** A page whose button was pressed by keyboard, and whose frame stands. */
  async function open(changes) {
    const tab = await stand.visit();
    await tab.focus("#go");
    await press(tab, stand.options({ mode: "iframe", ...changes }));
    await heard(tab, "ready");
    await until(tab, () => window.cashier);
    return tab;
  }
  const focus = (tab) => tab.evaluate(() => document.activeElement.id || document.activeElement.localName);

  for (const modal of [false, true]) {
    const where = modal ? "over the page" : "in its container";

    test(`${where}: the focus goes to the dialog, and back to the button in the end`, async () => {
      const tab = await open({ modal });
      assert.equal(await focus(tab), "dialog");
      await tab.evaluate(() => window.cashier.close());
      await heard(tab, "closed");
      assert.equal(await focus(tab), "go");
    });

    test(`${where}: Escape and the close button close it, by keyboard alone`, async () => {
      for (const keys of [["Escape"], ["Tab", "Enter"]]) {
        const tab = await open({ modal, closeText: "Cancel" });
        await tab.waitForSelector("aria/Cancel[role='button']");
        for (const key of keys) await tab.keyboard.press(key);
        assert.equal((await heard(tab, "closed")).at(-1).reason, "user");
        assert.equal(await tab.$("dialog, iframe"), null);
        assert.equal(await focus(tab), "go");
      }
    });
  }

  test("over the page, the page behind is out of reach", async () => {
    const tab = await open({ modal: true });
    await tab.$eval("dialog button", (button) => button.focus());
    await tab.evaluate(() => document.getElementById("go").focus());
    assert.equal(await tab.evaluate(() => document.activeElement.textContent), "Close");
  });

  test("Escape while the frame still loads closes it, and the promise is kept", async () => {
    stand.cashierPage = () => {};
    const tab = await stand.visit();
    await press(tab, stand.options({ mode: "iframe" }));
    await tab.waitForSelector("dialog");
    await tab.keyboard.press("Escape");
    assert.deepEqual(types(await heard(tab, "closed")), ["opening", "opened", "closed"]);
    assert.equal(await tab.evaluate(() => window.opened.then((cashier) => cashier.closed)), "user");
  });

  test("a customer who has gone elsewhere on the page keeps the focus there", async () => {
    const { promise: released, resolve: release } = Promise.withResolvers();
    stand.cashierPage = (_request, response) => released.then(() => html(response, READY));
    const tab = await stand.visit();
    await press(tab, stand.options({ mode: "iframe" }));
    await tab.waitForSelector("dialog");
    await tab.focus("#options");
    release();
    await heard(tab, "ready");
    await until(tab, () => window.cashier);
    assert.equal(await focus(tab), "options");
    await tab.evaluate(() => window.cashier.close());
    await heard(tab, "closed");
    assert.equal(await focus(tab), "options");
  });

  test("it has names for a screen reader, and may pay and use passkeys", async () => {
    const tab = await open({ title: "Bank page", closeText: "" });
    assert.deepEqual(
      await tab.$eval("iframe", ({ title, allow, parentElement: { ariaLabel, localName } }) => ({
        title,
        allow,
        ariaLabel,
        localName,
      })),
      {
        title: "Bank page",
        allow: "payment *;publickey-credentials-get *;publickey-credentials-create *",
        ariaLabel: "Bank page",
        localName: "dialog",
      },
    );
    assert.equal(await tab.$("dialog button"), null);
  });

  test("a bank's page of another origin in it may pay and use passkeys too", async () => {
    stand.cashierPage = (_request, response) =>
      html(response, `${READY}<script>onmessage = () => { location = "${stand.stranger}/bank"; }</script>`);
    const tab = await open();
    const bank = tab.evaluate(
      (origin) =>
        new Promise((told) =>
          window.addEventListener("message", (event) => event.origin === origin && told(event.data)),
        ),
      stand.stranger,
    );
    await tab.$eval("iframe", ({ contentWindow }) => contentWindow.postMessage("go to the bank", "*"));
    // Firefox does not tell a page what it may do.
    const may = browser === "Chromium" ? true : null;
    assert.deepEqual(await bank, {
      payment: may,
      "publickey-credentials-get": may,
      "publickey-credentials-create": may,
    });
  });

  test("a browser that knows no such permissions shows it all the same", async () => {
    const tab = await stand.visit();
    await tab.evaluate(() => void Object.defineProperty(HTMLIFrameElement.prototype, "allow", { set() {} }));
    await press(tab, stand.options({ mode: "iframe" }));
    await heard(tab, "ready");
    assert.equal(await tab.evaluate(() => window.opened.then(({ mode }) => mode)), "iframe");
  });

  test("it fills its container and can be as high as its page", async () => {
    stand.cashierPage = (_request, response) =>
      html(response, `${READY}<script>parent.postMessage({ type: "resize", height: 800 }, "*")</script>`);
    const tab = await open({ minHeight: 300, maxHeight: 900 });
    await heard(tab, "resized");
    const { frame, container } = await tab.evaluate(() => ({
      frame: document.querySelector("iframe").getBoundingClientRect().toJSON(),
      container: document.getElementById("container").getBoundingClientRect().toJSON(),
    }));
    assert.equal(frame.width, container.width);
    assert.equal(frame.height, 800);
    await tab.evaluate(() => window.cashier.close());
    await heard(tab, "closed");
  });

  test("over the page it fits a phone", async () => {
    const tab = await stand.visit();
    await tab.setViewport({ width: 360, height: 500 });
    await press(tab, stand.options({ mode: "iframe", modal: true }));
    await heard(tab, "ready");
    const { top, left, right, bottom } = await tab.$eval("dialog", (dialog) =>
      dialog.getBoundingClientRect().toJSON(),
    );
    assert.ok(
      top >= 0 && left >= 0 && right <= 360 && bottom <= 500,
      JSON.stringify({ top, left, right, bottom }),
    );
  });
});
