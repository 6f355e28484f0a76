// What a customer does at the storefront, and what the customer's browser gets to see.
import assert from "node:assert/strict";

/** Runs in a page that shows the order: orders in a window with no press behind it, which a popup blocker stops. */
export function orderWithoutPress() {
  const timer = setInterval(() => {
    const button = document.querySelector("#order-button");
    if (!button?.checkVisibility()) return;
    clearInterval(timer);
    document.querySelector("#amount").value = "10.05";
    document.querySelector("[name=mode][value=popup]").checked = true;
    button.click();
  }, 25);
}

export class Customer {
  /** Opens the storefront in a browser session of its own. */
  static async visit(browser, servers, { open = true, ...options } = {}) {
    const context = await browser.newContext({ locale: "en-GB", ...options });
    const customer = new Customer();
    customer.servers = servers;
    customer.tab = await context.newPage();
    customer.mistakes = [];
    /** A test sets the pattern of the mistakes that it makes on purpose. */
    customer.provoked = undefined;
    // A script that fails, or that the page's own policy stops, is a mistake of ours in every test.
    context.on("weberror", (error) => customer.mistakes.push(String(error.error())));
    context.on("console", (message) => {
      if (message.type() === "error" && /Content Security Policy|Refused to/.test(message.text())) {
        customer.mistakes.push(message.text());
      }
    });
    if (open) await customer.tab.goto(servers.shop);
    return customer;
  }

  /** Ends the visit; anything that went wrong unseen fails the test now. */
  async leaves() {
    await this.tab.context().close();
    const mistakes = this.mistakes.filter((mistake) => !this.provoked?.test(mistake));
    assert.deepEqual(mistakes, []);
  }

  /** Signs in as the first demo user of this currency. */
  async signIn(currency) {
    const users = await (await fetch(`${this.servers.gateway}/shop/users`)).json();
    this.user = users.find((user) => user.currency === currency);
    await this.tab.click(`.user[data-user-id="${this.user.user_id}"]`);
    await this.tab.waitForSelector("#order:not([hidden])");
  }

  async order(kind, amount, mode) {
    await this.tab.check(`[name=kind][value=${kind}]`);
    await this.tab.fill("#amount", amount);
    await this.tab.check(`[name=mode][value=${mode}]`);
    await this.tab.click("#order-button");
  }

  orderDeposit(amount, mode = "redirect") {
    return this.order("deposit", amount, mode);
  }

  orderWithdrawal(amount, mode = "redirect") {
    return this.order("withdrawal", amount, mode);
  }

  /** Presses a button of the hosted cashier, and is sent back to the shop. */
  async decide(decision) {
    await this.tab.click(`[data-testid=cashier-${decision}]`);
    await this.tab.waitForURL((url) => url.origin === this.servers.shop);
  }

  /** Waits until the page shows this state, and this step if one is named. */
  async sees(state, step) {
    await this.tab.waitForSelector(`#payment[data-state="${state}"]`, { timeout: 15_000 });
    if (step) await this.tab.locator("#timeline .step-title", { hasText: step }).first().waitFor();
  }

  /** Waits until the shop's backend has taken these messages, in this order. */
  async sawDelivered(...types) {
    const rows = this.tab.locator("#deliveries li:not(.waiting-row)");
    await rows.nth(types.length - 1).waitFor({ timeout: 30_000 });
    const found = await rows.evaluateAll((items) => items.map((item) => item.dataset.type));
    assert.deepEqual(found, types);
  }

  /** Switches these faults on, and all others off. */
  async causes(...names) {
    const details = this.tab.locator("#faults-details");
    if ((await details.getAttribute("open")) === null) await details.locator("summary").click();
    for (const box of await details.locator("input").all()) {
      const wanted = names.includes(await box.getAttribute("name"));
      if ((await box.isChecked()) === wanted) continue;
      const changed = this.tab.waitForResponse((reply) => reply.request().method() === "PUT");
      await box.setChecked(wanted);
      assert.equal((await changed).status(), 200);
    }
  }

  /** Waits until the panel comes to this conclusion, and gives its four figures. */
  async counts(tone) {
    await this.tab.waitForSelector(`.verdict.${tone}`, { timeout: 40_000 });
    const figures = await this.tab.locator("#stations b").allTextContents();
    return figures.map(Number);
  }

  verdict() {
    return this.tab.locator("#verdict").textContent();
  }

  trackingId() {
    return new URL(this.tab.url()).searchParams.get("tracking_id");
  }

  timeline() {
    return this.tab.locator("#timeline .step-title").allTextContents();
  }

  problem() {
    const parts = this.tab.locator("#problem").locator("h2, p, li, button");
    return parts.allTextContents().then((texts) => texts.join("\n"));
  }

  /** What the gateway was asked last. */
  async lastGatewayRequest() {
    const requests = await this.servers.control("requests");
    return JSON.parse(requests.at(-1).body).request;
  }

  /**
   * From now on keeps every answer that the tab gets, headers and body, of every origin and kind; the returned function
   * gives them, with the browser's storage and the final document.
   */
  async collectEverything() {
    const collected = [];
    const session = await this.tab.context().newCDPSession(this.tab);
    // Each answer is held until its body is read: a page that is left at once would take it along.
    session.on("Fetch.requestPaused", ({ requestId, request, responseStatusCode, responseHeaders }) => {
      const keep = async () => {
        const isRedirect = responseStatusCode >= 300 && responseStatusCode < 400;
        const answer = isRedirect ? { body: "" } : await session.send("Fetch.getResponseBody", { requestId });
        const body = answer.base64Encoded ? Buffer.from(answer.body, "base64").toString() : answer.body;
        // A page that is left meanwhile has cancelled the request; what it answered is here already.
        await session.send("Fetch.continueResponse", { requestId }).catch(() => {});
        return { from: request.url, text: `${JSON.stringify(responseHeaders)}\n${body}` };
      };
      collected.push(keep());
    });
    await session.send("Fetch.enable", { patterns: [{ urlPattern: "*", requestStage: "Response" }] });
    return async () => {
      const stored = await this.tab.evaluate(() =>
        JSON.stringify([{ ...sessionStorage }, { ...localStorage }]),
      );
      const cookies = JSON.stringify(await this.tab.context().cookies());
      return [
        ...(await Promise.all(collected)),
        { from: "storage", text: stored },
        { from: "cookies", text: cookies },
        { from: "document", text: await this.tab.content() },
      ];
    };
  }
}
