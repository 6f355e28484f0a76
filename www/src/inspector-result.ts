// Shows what was found out about a webhook.
import type { WebhookEvent } from "edge-cashier";
import { announce, byId, icon, type IconName, make } from "./dom.js";
import { difference, type Part } from "./inspector-difference.js";
import type { Given, Inspection, Verdict } from "./inspector-inspect.js";

const NO_VERDICT = "No verdict yet";

export function showInspection(given: Given, inspection: Inspection): void {
  const { canonical, verdict } = inspection;
  byId("empty", HTMLElement).hidden = true;
  byId("result", HTMLElement).hidden = false;
  showVerdict(verdict);
  showSignatures(given.signature, verdict);
  showEvent(verdict?.event);
  if (typeof canonical === "string") showSigned(textOf(given.body), canonical, verdict !== undefined);
  else showUnsigned(canonical.message);
}

export function hideInspection(): void {
  byId("empty", HTMLElement).hidden = false;
  byId("result", HTMLElement).hidden = true;
}

/** Marks what is shown as no longer what the fields hold. */
export function markStale(stale: boolean): void {
  byId("result", HTMLElement).classList.toggle("stale", stale);
  byId("stale", HTMLParagraphElement).hidden = !stale;
}

function showVerdict(verdict: Verdict | undefined): void {
  const { explanation } = verdict ?? {};
  const seal = byId("verdict-icon", HTMLSpanElement);
  const [tone, picture] = look(verdict);
  seal.className = `seal ${tone}`;
  seal.replaceChildren(icon(picture));
  byId("verdict", HTMLHeadingElement).textContent = explanation?.verdict ?? NO_VERDICT;
  byId("reason-line", HTMLParagraphElement).hidden = !explanation;
  byId("reason", HTMLElement).textContent = explanation?.reason ?? "";
  byId("hint", HTMLParagraphElement).textContent = explanation?.hint ?? "";
  announce(explanation ? `${explanation.verdict}: ${explanation.hint}` : NO_VERDICT);
}

/** A right signature over what is no event is neither good nor bad. */
function look(verdict: Verdict | undefined): readonly [tone: string, picture: IconName] {
  if (!verdict) return ["wait", "alert"];
  if (verdict.explanation.verdict !== "verified") return ["bad", "cross"];
  return isError(verdict.event) ? ["warn", "alert"] : ["good", "check"];
}

function showSignatures(received: string, verdict: Verdict | undefined): void {
  const rows: [string, string, string][] = [];
  if (verdict) {
    const { event, expected } = verdict;
    rows.push(["Received", received === "" ? "none" : received, "received"]);
    if (expected !== undefined) rows.push(["Expected", expected, "expected"]);
    if (isError(event)) {
      rows.push(["In your code", `verify throws ${event.name} with the code ${event.code}`, "thrown"]);
    }
  }
  byId("signatures", HTMLDListElement).replaceChildren(...rows.map(row));
}

function showEvent(event: WebhookEvent | Error | undefined): void {
  const fields = event === undefined || isError(event) ? [] : Object.entries(event);
  byId("event-part", HTMLDivElement).hidden = fields.length === 0;
  const rows = fields.map(([name, value]) =>
    row([name, typeof value === "string" ? value : JSON.stringify(value), name]),
  );
  byId("event", HTMLDListElement).replaceChildren(...rows);
}

function row([name, value, id]: readonly [name: string, value: string, id: string]): HTMLElement {
  return make("div", { "data-row": id }, make("dt", {}, name), make("dd", {}, make("code", {}, value)));
}

function showSigned(body: string, signed: string, hasPassword: boolean): void {
  const parts = difference(body, signed);
  const tail = hasPassword ? [make("span", { class: "tail" }, "+ password")] : [];
  const changed = body !== signed;
  byId("signed", HTMLPreElement).replaceChildren(
    ...(parts ? marked(parts, "added", "ins") : [signed]),
    ...tail,
  );
  byId("signed-summary", HTMLParagraphElement).textContent = summary(changed, parts);
  byId("changes-part", HTMLDivElement).hidden = !changed || !parts;
  byId("changes", HTMLPreElement).replaceChildren(...(parts ? marked(parts, "left-out", "del") : []));
}

function showUnsigned(why: string): void {
  byId("signed-summary", HTMLParagraphElement).textContent = "There is none.";
  byId("signed", HTMLPreElement).replaceChildren(why);
  byId("changes-part", HTMLDivElement).hidden = true;
}

function summary(changed: boolean, parts: readonly Part[] | undefined): string {
  if (!changed) return "Your body is this text already, character for character.";
  if (!parts) return "It differs from your body in so many places that they are not marked.";
  const count = (kind: Part["kind"], words: string) => {
    const found = parts.filter((part) => part.kind === kind).length;
    return found === 0 ? [] : [`${found} ${found === 1 ? "part" : "parts"} ${words}`];
  };
  return `It is your body with ${[...count("left-out", "left out"), ...count("added", "put in")].join(" and ")}.`;
}

/** The parts of one of the two texts: those that both have, and its own, marked. */
function marked(parts: readonly Part[], own: Part["kind"], tag: "ins" | "del"): (Node | string)[] {
  return parts
    .filter(({ kind }) => kind === "same" || kind === own)
    .map(({ text, kind }) => {
      if (kind === "same") return text;
      return make(tag, /\S/.test(text) ? {} : { class: "blank" }, visible(text));
    });
}

/** White space that is seen, since it is what most often differs. */
function visible(text: string): string {
  return text.replace(/ /g, "·").replace(/\t/g, "→").replace(/\r/g, "␍").replace(/\n/g, "↵\n");
}

function textOf(body: string | Uint8Array): string {
  return typeof body === "string" ? body : new TextDecoder("utf-8", { ignoreBOM: true }).decode(body);
}

function isError(value: WebhookEvent | Error): value is Error & { readonly code: string } {
  return value instanceof Error;
}
