// What a framework hands over in place of headers and body, through each entry: what is understood, and the remedy for the rest.
import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import { inspect } from "node:util";
import { inEachEntry, refusalBy } from "./support/entries.mjs";
import { BODY, EVENT, PASSWORD, PUBLISHED, thrown } from "./support/fixtures.mjs";

inEachEntry((entry) => {
  const { Webhook, ValidationError } = entry;
  const webhook = new Webhook(PASSWORD);
  const refusal = refusalBy(entry);

  test("reads the header out of whatever has it", () => {
    const record = { host: "x", "X-Signature": PUBLISHED };
    const express = Object.create({
      get: (name) => record[name],
      header: (name) => PUBLISHED && name && PUBLISHED,
    });
    const hono = { req: { header: (name) => ({ "x-signature": PUBLISHED })[name] }, get: () => undefined };
    class Incoming {
      get headers() {
        return record;
      }
    }
    for (const given of [
      record,
      Object.assign(Object.create(null), record),
      new Map([["X-SIGNATURE", PUBLISHED]]),
      Object.entries(record),
      new Request("http://localhost", { headers: record }),
      new Incoming(),
      { headers: record, multiValueHeaders: { "X-Signature": [PUBLISHED] } },
      { headers: null, multiValueHeaders: { "X-Signature": [PUBLISHED] } },
      { request: new Request("http://localhost", { headers: record }), params: {}, setHeaders() {} },
      { headers: new Headers(record), request: {}, get: () => "" },
      express,
      hono,
      hono.req,
    ])
      assert.equal(webhook.verify(BODY, given).status, EVENT.status, inspect(given));
    const { "X-Signature": _, ...without } = record;
    for (const none of [
      without,
      { cookies: ["a", "b"], host: undefined },
      new Map(),
      [],
      Object.entries(without),
      new Request("http://localhost"),
      { headers: without },
      { req: { header: () => undefined } },
    ])
      refusal(BODY, none, "no_signature");
  });

  test("says what was given in place of headers, and how to get them", () => {
    const context = { set() {}, env: {}, var: {} };
    for (const [given, what] of [
      [Promise.resolve(new Headers({ "x-signature": PUBLISHED })), /a promise; await it first/],
      [{ headers: Promise.resolve(new Headers()) }, /without headers/],
      [context, /an object without headers/],
      [new (class Context {})(), /an object without headers/],
      [["x-signature", PUBLISHED], /an array that is no list of names and values/],
      [Buffer.from(PUBLISHED), /an object without headers/],
      [new Date(), /an object without headers/],
      [42, /a number/],
      [{ "x-signature": 42 }, /headers whose x-signature is a number/],
      [
        {
          get headers() {
            throw new Error("no");
          },
        },
        /cannot be read/,
      ],
    ]) {
      const error = thrown(() => webhook.verify(BODY, given));
      assert.ok(error instanceof ValidationError, inspect(error));
      assert.equal(error.violations[0].path, "signature");
      assert.match(error.message, what);
      for (const framework of ["Express", "Hono", "Koa", "Next.js", "Lambda"])
        assert.ok(error.message.includes(framework));
    }
  });

  test("shows how to get the raw body where a framework has parsed it", () => {
    const remedies = [
      [
        { ...EVENT },
        /express\.raw[\s\S]*addContentTypeParser[\s\S]*request\.text\(\)[\s\S]*bodyParser: false[\s\S]*rawBody/,
      ],
      [[EVENT], /raw request body/],
      [undefined, /raw-body parser/],
      [null, /express\.raw/],
      [Promise.resolve(BODY), /[Aa]wait/],
      [new Request("http://localhost", { method: "POST", body: BODY }), /await request\.text\(\)/],
      [new Blob([BODY]), /await request\.text\(\)/],
      [new Response(BODY).body, /new Response\(stream\)/],
      [Readable.from([BODY]), /Buffer\.concat/],
      [JSON.parse(JSON.stringify(Buffer.from(BODY))), /Buffer\.from\(body\.data\)/],
      [42, /express\.raw/],
    ];
    for (const [body, remedy] of remedies) {
      const error = thrown(() => webhook.verify(body, PUBLISHED));
      assert.ok(error instanceof ValidationError);
      assert.equal(error.violations[0].path, "body");
      assert.match(error.message, remedy);
    }
    for (const signature of [42, true, Symbol("x"), () => {}, [PUBLISHED], { "x-signature": 5 }]) {
      assert.equal(thrown(() => webhook.verify(BODY, signature)).violations?.[0].path, "signature");
    }
  });
});
