// What the faults are called.
import type { Faults } from "./shop.js";

export const FAULTS: Readonly<Record<keyof Faults, { readonly title: string; readonly detail: string }>> = {
  duplicate: { title: "Every webhook five times", detail: "At the same moment." },
  lose: { title: "Half of the webhooks get lost", detail: "The gateway never sends them." },
  reorder: { title: "Webhooks in disorder", detail: "The final one may come before the pending one." },
  wrong_password: {
    title: "Signed with another password",
    detail: "As by a forger, or after a change in the portal.",
  },
  pretty: {
    title: "Bodies over several lines",
    detail: "The signature is that of the compact form.",
  },
  endpoint_fails: {
    title: "The shop's endpoint fails half of the time",
    detail: "Every second try is answered with 503.",
  },
};
