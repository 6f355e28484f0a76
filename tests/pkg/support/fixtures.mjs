// What the tests of the package share. The oracle of every signature is Node's own crypto and JSON, never the package.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { inspect } from "node:util";
import { EdgeCashierError, ValidationError } from "edge-cashier";

export const PASSWORD = "spg_test_companyxxxxQyGAheyMqcHVmp8ZMQtkYcev27sCu7RF";
export const PUBLISHED = "5FDDA8F46411C132DCFBEE53C39BA06298CB48BC";
export const EVENT = {
  transaction_id: "r21nmrtpcmrcava",
  user_id: "1111222",
  tracking_id: "b8f04416-116a-11ed-861d-0242ac120002",
  status: "rejected",
  currency: "GBP",
  amount: "200.00",
  transaction_type: "withdrawal",
};
export const BODY = JSON.stringify(EVENT);

/** The reference's own formula. */
export function signed(body, password = PASSWORD) {
  return rawSigned(JSON.stringify(JSON.parse(body)), password);
}

export function rawSigned(body, password = PASSWORD) {
  return createHash("sha1").update(body).update(password).digest("hex").toUpperCase();
}

export const API_KEY = "example_key_0123456789";
export const DEPOSIT = {
  user_id: "128",
  tracking_id: "fb832194-34e1-4e6c-8494-d88034cf3e47",
  amount: 10.05,
  currency: "EUR",
};

export const CARD = {
  holder_name: "John Doe",
  card_number: "4111111111111111",
  cvc: "444",
  exp_month: "05",
  exp_year: "2035",
};

/** `path code` of everything that an argument is refused for. */
export function violationsOf(error) {
  assert.ok(error instanceof ValidationError && error instanceof EdgeCashierError, inspect(error));
  assert.equal(error.code, "validation_failed");
  return error.violations.map(({ path, code }) => `${path} ${code}`);
}

/** What `run` throws. */
export function thrown(run) {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

export async function rejected(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}
