// Webhook intake in plain JavaScript with WebCrypto: what a careful team would write without this project, and what our Worker is compared with.
//
// It makes the same promises: at most 64 KiB are read, nothing is believed before its signature, each webhook is recorded exactly once and answered only then,
// what could not be recorded is 503, and each request leaves one line in the log. It keeps the index of attempts too. It has no sessions, tickets or
// deliveries.
import { read } from "./body.js";
import { Problem, problem, respond } from "./respond.js";
import { verify } from "./webhook.js";

export { Attempts } from "./attempts.js";
export { Payment } from "./payment.js";

const MAX_WEBHOOK_BODY_BYTES = 64 * 1024;

export default {
  async fetch(request, env) {
    const started = Date.now();
    const requestId = request.headers.get("cf-ray") ?? crypto.randomUUID();
    const { pathname } = new URL(request.url);
    let code = null;
    let response;
    try {
      response = await answer(request, pathname, env, requestId);
    } catch (error) {
      const known =
        error instanceof Problem ? error : new Problem(500, "internal", "The request could not be handled.");
      if (known !== error) logFailure(requestId, "request", error);
      code = known.code;
      response = problem(known, requestId);
    }
    console.log(
      JSON.stringify({
        event: "request",
        request_id: requestId,
        method: request.method,
        route: pathname === "/healthz" || pathname === "/v1/webhooks" ? pathname : "none",
        status: response.status,
        code,
        ms: Date.now() - started,
      }),
    );
    return response;
  },
};

async function answer(request, pathname, env, requestId) {
  if (!env.WEBHOOK_PASSWORDS) throw new Problem(503, "configuration", "WEBHOOK_PASSWORDS is not set.");
  if (pathname === "/healthz") {
    if (request.method !== "GET" && request.method !== "HEAD") throw notAllowed("GET, HEAD");
    const body = request.method === "HEAD" ? null : JSON.stringify({ status: "ok" });
    return respond(200, body, requestId, { "content-type": "application/json" });
  }
  if (pathname === "/v1/webhooks") {
    if (request.method !== "POST") throw notAllowed("POST");
    return receive(request, env, requestId);
  }
  throw new Problem(404, "not_found", "There is nothing at this address.");
}

function notAllowed(allow) {
  return new Problem(405, "method_not_allowed", `This address answers to ${allow}.`, { allow });
}

/** Reads, verifies and records a webhook; 204 means that it is on disk. */
async function receive(request, env, requestId) {
  const signature = request.headers.get("x-signature") ?? "";
  const bytes = await read(request, MAX_WEBHOOK_BODY_BYTES);
  const { event, body } = await verify(bytes, signature, env.WEBHOOK_PASSWORDS);
  try {
    const payment = env.PAYMENT.getByName(event.tracking_id);
    await payment.record({ event, body, signature, matched: "canonical", requestId });
  } catch (error) {
    logFailure(requestId, "record", error);
    throw new Problem(503, "not_recorded", "Send the webhook again.", { "retry-after": "5" });
  }
  return respond(204, null, requestId);
}

/** The line for an inner failure; nothing that came with the request is in it. */
function logFailure(requestId, step, error) {
  console.error(JSON.stringify({ event: "failure", request_id: requestId, step, cause: String(error) }));
}
