// What every page must be for everybody: without a violation that axe knows of, no wider than its window, and usable by touch and by keyboard.

import assert from "node:assert/strict";
import { AxeBuilder } from "@axe-core/playwright";

/** `what` names the page in a failure; `exclude` is what belongs to another page: a frame. */
export async function assertNoViolation(tab, what, { exclude } = {}) {
  const axe = new AxeBuilder({ page: tab });
  const { violations, passes } = await (exclude ? axe.exclude(exclude) : axe).analyze();
  assert.ok(
    passes.some(({ id }) => id === "color-contrast"),
    `axe did not look at contrast: ${what}`,
  );
  const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
  assert.deepEqual(told, [], what);
}

export async function assertFits(tab, what) {
  const wide = await tab.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${what} is ${wide} px too wide`);
}

/** 24 by 24 CSS pixels: the least that WCAG 2.2 asks for (2.5.8). */
export async function assertLargeTargets(tab, what) {
  const targets = await tab.locator("button, a, summary, .modes label, .pick label").evaluateAll((found) =>
    found
      .filter((element) => element.checkVisibility() && !element.matches(".skip"))
      .map((element) => {
        const { width, height } = element.getBoundingClientRect();
        return { html: element.outerHTML.slice(0, 80), small: Math.min(width, height) < 24 };
      }),
  );
  assert.notEqual(targets.length, 0, `nothing to press: ${what}`);
  const small = targets.filter((target) => target.small).map(({ html }) => html);
  assert.deepEqual(small, [], what);
}

/** What has the focus: its id, or else its class. */
export const focused = (tab) =>
  tab.evaluate(() => document.activeElement.id || document.activeElement.className);

/** Presses Tab until the focus is there: what cannot be reached fails. */
export async function tabTo(tab, wanted) {
  for (let presses = 0; presses < 30; presses += 1) {
    if ((await focused(tab)) === wanted) return;
    await tab.keyboard.press("Tab");
  }
  assert.fail(`${wanted} cannot be reached by keyboard; the focus is on ${await focused(tab)}`);
}
