import type { CashierMode } from "../launcher.js";

/** A payment that was opened in this tab and whose outcome is not known yet. */
export interface OpenPayment {
  readonly endpoint: string;
  readonly ticket: string;
  readonly tracking_id: string;
  readonly mode: CashierMode;
}

const KEY = "edge-cashier";

/** Keeps it over a reload, and while the customer is at the cashier. Without storage the page that stays open still hears. */
export function remember(payment: OpenPayment): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(payment));
  } catch {
    // Storage is full or forbidden.
  }
}

/** The last one, if its outcome is not known yet. */
export function remembered(): OpenPayment | undefined {
  try {
    return (JSON.parse(sessionStorage.getItem(KEY) ?? "null") as OpenPayment | null) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Forgets it, unless another one was opened meanwhile. */
export function forget({ tracking_id }: OpenPayment): void {
  if (remembered()?.tracking_id === tracking_id) sessionStorage.removeItem(KEY);
}
