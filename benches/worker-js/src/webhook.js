// Verifies a webhook by the documented scheme: UPPERCASE_HEX(SHA1(JSON.stringify(data) + password)).
import { Problem } from "./respond.js";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** The event of a body whose signature is right, and the body as text; throws a problem for any other. */
export async function verify(bytes, signature, password) {
  if (signature === "") throw new Problem(401, "no_signature", "Send the header x-signature.");
  const claimed = decodeHex(signature);
  let body;
  let data;
  try {
    body = decoder.decode(bytes);
    data = JSON.parse(body);
  } catch {
    throw new Problem(400, "not_json", "The body must be the gateway's JSON.");
  }
  const signed = encoder.encode(JSON.stringify(data) + password);
  const digest = await crypto.subtle.digest("SHA-1", signed);
  if (!crypto.subtle.timingSafeEqual(digest, claimed))
    throw new Problem(401, "signature_mismatch", "The signature is not that of this body.");
  return { event: readEvent(data), body };
}

/** The 20 bytes of a SHA-1 in hexadecimal, of either case. */
function decodeHex(signature) {
  if (!/^[0-9a-f]{40}$/i.test(signature))
    throw new Problem(401, "signature_not_hex", "The header x-signature holds 40 hexadecimal digits.");
  const digest = new Uint8Array(20);
  for (let at = 0; at < 20; at++) digest[at] = Number.parseInt(signature.slice(2 * at, 2 * at + 2), 16);
  return digest;
}

/** The documented fields in their order, each checked, then whatever else came. */
function readEvent(data) {
  const malformed = () => new Problem(400, "not_a_webhook", "A field that every webhook has is missing.");
  if (typeof data !== "object" || data === null || Array.isArray(data)) throw malformed();
  const { transaction_id, user_id, tracking_id, status, currency, amount, transaction_type, ...extra } = data;
  const id = (value) => {
    const text = typeof value === "number" ? String(value) : value;
    if (typeof text !== "string" || text === "") throw malformed();
    return text;
  };
  const word = (value) => {
    if (typeof value !== "string") throw malformed();
    return value;
  };
  const decimal = typeof amount === "number" ? String(amount) : amount;
  if (typeof decimal !== "string" || !/^\d{1,20}(\.\d{1,10})?$/.test(decimal)) throw malformed();
  return {
    transaction_id: id(transaction_id),
    user_id: id(user_id),
    tracking_id: id(tracking_id),
    status: word(status),
    currency: word(currency),
    amount: decimal,
    transaction_type: word(transaction_type),
    ...extra,
  };
}
