// The ways to the package's `Webhook`: the whole entry and the small one, by import and by require.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { describe } from "node:test";
import { inspect } from "node:util";
import * as full from "edge-cashier";
import * as small from "edge-cashier/webhook";
import { PASSWORD, thrown } from "./fixtures.mjs";

const require = createRequire(import.meta.url);
export const ENTRIES = {
  "edge-cashier": full,
  "edge-cashier/webhook": small,
  "require(edge-cashier)": require("edge-cashier"),
  "require(edge-cashier/webhook)": require("edge-cashier/webhook"),
};

/** Describes a suite for each of them; it is called with what the entry exports. */
export function inEachEntry(suite) {
  for (const [name, entry] of Object.entries(ENTRIES)) describe(name, () => suite(entry));
}

/** Asserts that the entry refuses a webhook with this code, by an error of its own classes that tells no password. */
export function refusalBy({ Webhook, WebhookVerificationError, EdgeCashierError }) {
  const webhook = new Webhook(PASSWORD);
  return (body, signature, code) => {
    const error = thrown(() => webhook.verify(body, signature));
    assert.ok(
      error instanceof WebhookVerificationError &&
        error instanceof EdgeCashierError &&
        error instanceof Error,
    );
    assert.equal(error.name, "WebhookVerificationError");
    assert.equal(error.code, code);
    assert.match(error.message, /\w+ \w+ \w+/);
    assert.ok(!inspect(error).includes(PASSWORD));
  };
}
