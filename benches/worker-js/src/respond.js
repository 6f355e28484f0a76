// Responses and problems (RFC 9457), with the headers that every answer has.

const SECURITY_HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "strict-transport-security": "max-age=31536000",
  "x-content-type-options": "nosniff",
};

/** Something that is answered with its status and a stable code. */
export class Problem extends Error {
  constructor(status, code, detail, headers = {}) {
    super(detail);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

export function respond(status, body, requestId, headers = {}) {
  return new Response(body, {
    status,
    headers: { ...SECURITY_HEADERS, "x-request-id": requestId, ...headers },
  });
}

export function problem({ status, code, message, headers }, requestId) {
  const body = JSON.stringify({ code, status, detail: message, request_id: requestId });
  return respond(status, body, requestId, { "content-type": "application/problem+json", ...headers });
}
