import { byId, isPlain, make } from "./dom.js";
import { money } from "./money.js";
import { paymentAddress } from "./screens.js";
import { payments } from "./store.js";
import { stateWords, timeOfDay } from "./words.js";

/** More would push what is below out of sight. */
const MOST_SHOWN = 6;

/** Lists this tab's payments, newest first. The links are real: they open in the same page by `open`. */
export function showRecent(open: (tracking_id: string) => void, current?: string): void {
  const list = byId("recent-list", HTMLUListElement);
  const focused = list.querySelector(":focus")?.getAttribute("href");
  const shown = payments().slice(0, MOST_SHOWN);
  byId("recent", HTMLElement).hidden = shown.length === 0;
  const links = shown.map((payment) => {
    const words = stateWords(payment.state, payment.kind);
    const link = make(
      "a",
      { href: paymentAddress(payment.tracking_id) },
      make("span", { class: "recent-sum" }, money(payment.amount, payment.currency)),
      make(
        "span",
        { class: "recent-time" },
        payment.kind === "withdrawal" ? "Withdrawal · " : "Deposit · ",
        make("time", { datetime: payment.opened_at }, timeOfDay(payment.opened_at)),
      ),
      make("span", { class: `badge ${words.tone}` }, words.badge),
    );
    if (payment.tracking_id === current) link.setAttribute("aria-current", "page");
    link.addEventListener("click", (event) => {
      if (!isPlain(event)) return;
      event.preventDefault();
      open(payment.tracking_id);
    });
    return link;
  });
  list.replaceChildren(...links.map((link) => make("li", {}, link)));
  // A change of a payment draws the list anew under whoever is in it.
  links.find((link) => link.getAttribute("href") === focused)?.focus();
}
