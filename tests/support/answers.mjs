// What the Worker answered: read once, with what every problem must have and must not show.

import assert from "node:assert/strict";
import { ADMIN_TOKEN } from "./payments.mjs";
import { WORKER_VARS } from "./workerd.mjs";

/** What a gateway double puts into its answers, and nobody may see. */
export const SECRET_BODY = "obviously-secret-gateway-body";

/** The JSON of an answer with this status. */
export async function answered(response, status = 200) {
  const text = await response.text();
  assert.equal(response.status, status, text);
  return JSON.parse(text);
}

/** The problem of this status and code, whole and with the request's id. It holds no secret and nothing of the gateway's answer. */
export async function refused(response, status, code) {
  const problem = await answered(response, status);
  assert.equal(response.headers.get("content-type"), "application/problem+json");
  assert.equal(problem.code, code, problem.detail);
  assert.equal(problem.status, status);
  assert.equal(problem.type, `https://edge-cashier.dev/problems/${code}`);
  assert.ok(problem.request_id);
  assert.equal(problem.request_id, response.headers.get("x-request-id"));
  for (const secret of [SECRET_BODY, WORKER_VARS.GATEWAY_API_KEY, ADMIN_TOKEN])
    assert.ok(!JSON.stringify(problem).includes(secret));
  return problem;
}
