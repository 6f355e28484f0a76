// No answer of a Worker and no line of its log may hold one of its secrets. Whoever starts a Worker (workerd.mjs) has both searched, in every suite.

import assert from "node:assert/strict";
import { subscribe } from "node:diagnostics_channel";

const NAMES = /KEY|PASSWORD|SECRET|TOKEN/;

/** The secrets among a Worker's variables. One value may hold several of them, as JSON; what is shorter than 8 characters is in every text by accident. */
export function secretsIn(vars) {
  const values = Object.entries(vars).filter(([name]) => NAMES.test(name));
  const secrets = values.flatMap(([, value]) =>
    listed(value).map((entry) => String(entry?.password ?? entry)),
  );
  return [...new Set(secrets.flatMap(spellings))].filter((secret) => secret.length >= 8);
}

/** A secret of Standard Webhooks is bytes in base64. */
function spellings(secret) {
  const [, encoded] = secret.match(/^whsec_(.*)/s) ?? [];
  return encoded ? [encoded, Buffer.from(encoded, "base64").toString()] : [secret];
}

function listed(value) {
  try {
    const parsed = JSON.parse(value);
    return Array.isArray(parsed) ? parsed : [value];
  } catch {
    return [value];
  }
}

/** By origin: what finds secrets in the answers from there. */
const watched = new Map();

/** Searches every answer that this process gets from `origin`; `end(lines)` searches the lines of the log as well, and fails if a secret was in any of them. */
export function watch(origin, secrets) {
  const found = [];
  let answers = 0;
  const search = (text, what) => {
    for (const secret of secrets) if (text.includes(secret)) found.push(`${secret} in ${what}: ${text}`);
  };
  watched.set(origin, (text) => {
    answers++;
    search(text, "an answer");
  });
  return {
    answers: () => answers,
    end(lines) {
      watched.delete(origin);
      for (const line of lines) search(line, "the log");
      assert.deepEqual(found, [], "secrets were shown");
    },
  };
}

/** Searches an answer that came in another way than by `fetch`. */
export function sawAnswer(origin, text) {
  watched.get(origin)?.(text);
}

// Node's `fetch` reports what it receives.
const bodies = new WeakMap();
subscribe("undici:request:headers", ({ request, response }) => {
  if (watched.has(request.origin)) bodies.set(request, [...response.headers]);
});
subscribe("undici:request:bodyChunkReceived", ({ request, chunk }) => bodies.get(request)?.push(chunk));
subscribe("undici:request:trailers", ({ request }) => {
  const parts = bodies.get(request);
  if (parts) sawAnswer(request.origin, Buffer.concat(parts.map((part) => Buffer.from(part))).toString());
});
