import { LauncherError } from "edge-cashier/launcher";
import { byId, icon, make } from "./dom.js";
import { type Facts, ShopError } from "./request.js";

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
  no_ticket: "The shop is slow",
  closed: "The cashier was closed",
};

const REASONS: Readonly<Record<string, string>> = {
  network: "No answer came. Check your connection.",
  timeout: "No answer came in time.",
  unreadable_reply: "Its answer could not be read.",
  closed: "Its window was closed before it could open.",
};

/** Where no cashier has been opened. */
const NOTHING_CHARGED = "Nothing was charged; you can try again.";

/** What failed: a ticket that could not be fetched is the shop's failure, and told as such. */
export const causeOf = (error: unknown): unknown =>
  error instanceof LauncherError && error.code === "no_ticket" ? (error.cause ?? error) : error;

function words(error: unknown): Told {
  const told = (title: string, text: string, { request_id, violations = [] }: Facts): Told => ({
    title,
    text,
    request_id,
    points: violations.map(({ path, message }) => `${path}: ${message}`),
  });
  const real = causeOf(error);
  if (real instanceof ShopError) return told(real.title, real.message, real.facts);
  if (real instanceof LauncherError) {
    const title = real.title ?? TITLES[real.code] ?? "The payment service refused";
    return told(title, real.detail ?? REASONS[real.code] ?? real.message, real);
  }
  return told("Something went wrong", real instanceof Error ? real.message : String(real), {});
}

type Ways = Readonly<Record<string, () => void>>;

/** Shows a failure with its request id and the ways on; each button ends the message. */
export function showProblem(error: unknown, ways: Ways): void {
  const told = words(error);
  const isSilent = error instanceof LauncherError && !error.detail && error.code in REASONS;
  tell(isSilent ? { ...told, text: `${told.text} ${NOTHING_CHARGED}` } : told, ways);
}

/** Shows a failure to learn what became of a payment: the customer may have paid, whatever failed here. */
export function showUnknown(error: unknown, tracking_id: string, ways: Ways): void {
  const { title, text, ...told } = words(error);
  const reason = `${title}. ${text}`;
  const remedy = make(
    "p",
    {},
    make("strong", {}, "Do not pay again: you may have paid already."),
    " Ask again, or contact the shop and name the payment ",
    make("code", {}, tracking_id),
    ".",
  );
  tell({ ...told, title: "It is not known what became of this payment", text: reason }, ways, remedy);
}

/** Shows a failure within a panel, or takes it back. */
export function showInline(shown: HTMLElement, error?: unknown): void {
  shown.hidden = error === undefined;
  if (error === undefined) return;
  const { title, text, request_id } = words(error);
  shown.textContent = `${title}. ${text}${request_id ? ` Request ${request_id}.` : ""}`;
}

function tell(told: Told, ways: Ways, ...remedy: readonly HTMLElement[]): void {
  const card = byId("problem", HTMLDivElement);
  const buttons = Object.entries(ways).map(([label, act], place) => {
    const button = make("button", { type: "button", class: place === 0 ? "primary" : "secondary" }, label);
    button.addEventListener("click", () => {
      hideProblem();
      act();
    });
    return button;
  });
  const heading = make("h2", { id: "problem-title", tabindex: "-1" }, told.title);
  const body = make("div", {}, heading, make("p", { id: "problem-text" }, told.text), ...remedy);
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
