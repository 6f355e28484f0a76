// The gateway of the proofs: it opens every payment, and is asked about every success.

import { opens, startGateway } from "../../support/gateway.mjs";
import { random } from "./load.mjs";

const says = (transaction_status) => ({ status: 200, json: { transaction_status } });

/** What it answers instead of confirming: it is away, has not decided, or speaks of another attempt. */
const DOUBTS = [{ status: 503 }, "reset", says("pending"), says("rejected")];

/** Starts a gateway that doubts four in ten questions, about one payment twice at most. `agreed` are the payments of which it has said that they succeeded. */
export async function startDoubtfulGateway(seed) {
  const draw = random(seed);
  const doubted = new Map();
  const agreed = new Set();
  const gateway = await startGateway((count) => {
    const [, id] = /^\/transactions\/(.+)$/.exec(gateway.requests[count - 1].path) ?? [];
    if (id === undefined) return opens();
    const before = doubted.get(id) ?? 0;
    if (before < 2 && draw() < 0.4) {
      doubted.set(id, before + 1);
      return DOUBTS[Math.floor(draw() * DOUBTS.length)];
    }
    agreed.add(id);
    return says("successful");
  });
  return {
    url: gateway.url,
    stop: gateway.stop,
    agreed,
    doubts: () => [...doubted.values()].reduce((a, b) => a + b, 0),
  };
}
