// The launcher on a server: importing it is harmless, calling it is a clear refusal.
import assert from "node:assert/strict";
import { test } from "node:test";
import { BUTTON_URL, LAUNCHER_URL } from "./stand.mjs";

test("importing the launcher in Node touches no browser global", async () => {
  const launcher = await import(LAUNCHER_URL);
  assert.deepEqual(Object.keys(launcher).toSorted(), ["LauncherError", "awaitResult", "openCashier"]);
});

test("importing the element in Node defines nothing and throws nothing", async () => {
  const { CashierButton } = await import(BUTTON_URL);
  assert.equal(typeof CashierButton, "function");
  assert.equal(globalThis.customElements, undefined);
});

test("calling it there is the error no_window, not a crash", async () => {
  const { openCashier, awaitResult, LauncherError } = await import(LAUNCHER_URL);
  const access = { endpoint: "https://pay.example.com", ticket: "obviously-fake-ticket" };
  for (const call of [() => openCashier(access), () => awaitResult({ ...access, tracking_id: "order-1" })]) {
    const error = await call().then(
      () => assert.fail("it resolved"),
      (refused) => refused,
    );
    assert.ok(error instanceof LauncherError && error instanceof Error);
    assert.deepEqual([error.name, error.code], ["LauncherError", "no_window"]);
    assert.ok(!error.message.includes(access.ticket));
  }
});
