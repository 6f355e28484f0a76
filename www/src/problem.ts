import { LauncherError } from "edge-cashier/launcher";
import { byId, icon, make } from "./dom.js";
import { ShopError } from "./request.js";

/** A failure in the words of this page. */
interface Told {
  readonly title: string;
  readonly text: string;
  readonly request_id: string | undefined;
  readonly points: readonly string[];
}

/** Titles for what the launcher itself can meet; the Worker's problems bring their own. */
const TITLES: Readonly<Record<string, string>> = {
  network: "The payment service cannot be reached",
  timeout: "The payment service is slow",
  unreadable_reply: "The payment service is not well",
  unsafe_address: "The cashier cannot be opened",
};

const REMEDIES: Readonly<Record<string, string>> = {
  network: "No answer came. Check your connection; nothing was charged.",
  timeout: "No answer came in time. Nothing was charged; you can try again.",
  unreadable_reply: "Its answer could not be read. Nothing was charged; you can try again.",
};

function words(error: unknown): Told {
  // A ticket that could not be fetched is the shop's failure, and told as such.
  const real = error instanceof LauncherError && error.code === "no_ticket" ? error.cause : error;
  if (real instanceof LauncherError) {
    return {
      title: real.title ?? TITLES[real.code] ?? "The payment service refused",
      text: real.detail ?? REMEDIES[real.code] ?? real.message,
      request_id: real.request_id,
      points: (real.violations ?? []).map(({ path, message }) => `${path}: ${message}`),
    };
  }
  if (real instanceof ShopError) {
    return {
      title: real.title,
      text: real.message,
      request_id: real.request_id,
      points: (real.violations ?? []).map(({ path, message }) => `${path}: ${message}`),
    };
  }
  const text = real instanceof Error ? real.message : String(real);
  return { title: "Something went wrong", text, request_id: undefined, points: [] };
}

/** Shows a failure with its request id and the ways on; each button ends the message. */
export function showProblem(error: unknown, ways: Readonly<Record<string, () => void>>): void {
  const card = byId("problem", HTMLDivElement);
  const told = words(error);
  const buttons = Object.entries(ways).map(([label, act], place) => {
    const button = make("button", { type: "button", class: place === 0 ? "primary" : "secondary" }, label);
    button.addEventListener("click", () => {
      hideProblem();
      act();
    });
    return button;
  });
  const heading = make("h2", { id: "problem-title", tabindex: "-1" }, told.title);
  const body = make("div", {}, heading, make("p", { id: "problem-text" }, told.text));
  if (told.points.length) body.append(make("ul", {}, ...told.points.map((point) => make("li", {}, point))));
  if (told.request_id) {
    body.append(
      make("p", { class: "fine" }, "For support, name the request ", make("code", {}, told.request_id)),
    );
  }
  body.append(make("div", { class: "actions" }, ...buttons));
  card.replaceChildren(make("span", { class: "seal bad", "aria-hidden": "true" }, icon("alert")), body);
  card.hidden = false;
  heading.focus({ preventScroll: true });
  card.scrollIntoView({ block: "nearest" });
}

export function hideProblem(): void {
  const card = byId("problem", HTMLDivElement);
  card.hidden = true;
  card.replaceChildren();
}
