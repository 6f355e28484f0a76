// What the tests of this folder run in: the servers, Chromium, and a browser session of its own for each customer.
import { after, afterEach, before, beforeEach } from "node:test";
import { Customer } from "./customer.mjs";
import { startBrowser, startServers } from "./servers.mjs";

/**
 * Starts the servers and Chromium before the first test of the calling file, and stops them after the last one. Each test
 * begins with a gateway that has no payments; at its end every customer leaves, which checks what their pages did.
 *
 * Returns the `servers`, filled in before the first test, and `visit`, which opens the storefront as a new customer.
 */
export function setUp() {
  const servers = {};
  let browser;
  let customers = [];

  before(async () => {
    // One after the other: what has started is known to `after`, should the other fail.
    Object.assign(servers, await startServers());
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await servers.stop?.();
  });
  beforeEach(() => servers.control("state", "DELETE"));
  afterEach(async () => {
    const leaving = customers;
    customers = [];
    for (const customer of leaving) await customer.leaves();
  });

  async function visit(options) {
    const customer = await Customer.visit(browser, servers, options);
    customers.push(customer);
    return customer;
  }

  return { servers, visit };
}
