import { Webhook } from "edge-cashier";
import { body, password, signature } from "../checks.mjs";

// A server component, rendered while `next build` runs.
export default function Page() {
  return <p id="rendered">{new Webhook(password).verify(body, signature).transaction_id}</p>;
}
