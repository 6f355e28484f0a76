// Which screen is shown.
import { byId } from "./dom.js";
import { hideProblem } from "./problem.js";
import { signedIn } from "./store.js";

const SCREENS = {
  loading: "Marram Wallet",
  "sign-in": "Sign in · Marram Wallet",
  order: "Wallet · Marram Wallet",
  payment: "Payment · Marram Wallet",
} as const;

type Screen = keyof typeof SCREENS | "none";

/** Shows one screen, and who is signed in. */
export function show(screen: Screen): void {
  hideProblem();
  for (const id of Object.keys(SCREENS)) byId(id, HTMLElement).hidden = id !== screen;
  document.title = screen === "none" ? SCREENS.loading : SCREENS[screen];
  showAccount();
}

/** Shows who is signed in. */
export function showAccount(): void {
  const user = signedIn()?.user;
  byId("account", HTMLDivElement).hidden = !user;
  byId("account-name", HTMLSpanElement).textContent = user?.name ?? "";
}

/** Puts the reader where the new screen begins. */
export function land(title: string): void {
  byId(title, HTMLHeadingElement).focus({ preventScroll: true });
  window.scrollTo(0, 0);
}

export const paymentAddress = (tracking_id: string) => `/?tracking_id=${encodeURIComponent(tracking_id)}`;

/** The payment that the address names. */
export const paymentInAddress = (): string | undefined =>
  new URLSearchParams(location.search).get("tracking_id") ?? undefined;
