// The passwords of a `Webhook`, through each entry: which are taken, which one matches, and that nobody sees one.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { runInNewContext } from "node:vm";
import { inEachEntry } from "./support/entries.mjs";
import { BODY, PASSWORD, PUBLISHED, rawSigned, thrown } from "./support/fixtures.mjs";

inEachEntry(({ Webhook, ValidationError }) => {
  const webhook = new Webhook(PASSWORD);

  test("tells which password matched, and when one has ended", () => {
    const rotating = new Webhook([
      { id: "new", password: "example new password" },
      { id: "old", password: PASSWORD, notAfter: new Date(Date.now() + 60_000) },
      { id: "ended", password: "example ended password", notAfter: "2020-01-31T00:00:00Z" },
    ]);
    assert.equal(rotating.verify(BODY, PUBLISHED).passwordId, "old");
    assert.equal(rotating.verify(BODY, rawSigned(BODY, "example new password")).passwordId, "new");
    assert.equal(
      thrown(() => rotating.verify(BODY, rawSigned(BODY, "example ended password"))).code,
      "password_expired",
    );
    assert.equal(rotating.sign(BODY), rawSigned(BODY, "example new password"));
    const odd = `  ${PASSWORD}\n`;
    assert.equal(new Webhook(odd).sign(BODY), rawSigned(BODY, odd));
    assert.equal(new Webhook("pässword\0").sign(BODY), rawSigned(BODY, "pässword\0"));
  });

  test("keeps hundreds of webhooks apart", () => {
    const many = Array.from({ length: 300 }, (_, n) => new Webhook(`example password ${n}`));
    for (const round of [0, 1])
      for (const [n, one] of many.entries()) {
        assert.equal(
          one.verify(BODY, rawSigned(BODY, `example password ${n}`)).status,
          "rejected",
          `${round} ${n}`,
        );
        assert.equal(
          thrown(() => one.verify(BODY, rawSigned(BODY, `example password ${n + 1}`))).code,
          "signature_mismatch",
        );
      }
  });

  test("refuses passwords that cannot be meant, all at once", () => {
    for (const wrong of [undefined, null, "", 5, [], {}, () => {}, Symbol("x"), 5n, "\ud800"]) {
      const error = thrown(() => new Webhook(wrong));
      assert.ok(error instanceof ValidationError, String(wrong));
      assert.ok(error.violations.length > 0);
    }
    const error = thrown(
      () => new Webhook([{ id: "a", password: "" }, { id: "a", password: "x", notAfter: "2030" }, null]),
    );
    assert.deepEqual(
      error.violations.map(({ path }) => path),
      ["password[0].password", "password[1].notAfter", "password[2]", "password[1].id"],
    );
  });

  test("refuses what it does not know in an entry, with a suggestion, and secrets of unset variables", () => {
    const entry = { id: "old", password: PASSWORD };
    const violations = (given) =>
      thrown(() => new Webhook(given)).violations.map(({ path, message }) => [path, message]);
    const [[path, message], ...others] = violations([{ ...entry, not_after: "2020-01-31T00:00:00Z" }]);
    assert.equal(path, "password[0].not_after");
    assert.match(message, /did you mean "notAfter"/);
    assert.equal(others.length, 0);
    assert.deepEqual(
      violations([
        { ...entry, expires: 1, notAfter: "soon" },
        { Id: "x", password: " " },
      ]).map(([path]) => path),
      [
        "password[0].expires",
        "password[0].notAfter",
        "password[1].Id",
        "password[1].id",
        "password[1].password",
      ],
    );
    for (const unset of ["", " ", "\n\t", "\ufeff", "undefined", "null", "undefined\n"]) {
      for (const given of [unset, [{ id: "a", password: unset }]]) {
        const [[, message]] = violations(given);
        assert.match(message, /variable/, JSON.stringify(unset));
      }
    }
    const [[only, remedy]] = violations(entry);
    assert.equal(only, "password");
    assert.match(remedy, /list of objects/);
    // An end before now is an end, in whatever form it is given.
    const end = new Date(Date.now() - 1000);
    for (const notAfter of [
      end,
      end.getTime(),
      end.toISOString(),
      end.toISOString().replace("Z", "+00:00"),
      runInNewContext(`new Date(${end.getTime()})`),
    ]) {
      const ended = new Webhook([{ ...entry, notAfter }]);
      assert.equal(thrown(() => ended.verify(BODY, PUBLISHED)).code, "password_expired");
    }
    for (const notAfter of [
      new Date(Number.NaN),
      -1,
      Number.NaN,
      Infinity,
      "2030",
      "2030-01-31T00:00:00",
      {},
      Object.create(Date.prototype),
    ])
      assert.deepEqual(
        violations([{ ...entry, notAfter }]).map(([path]) => path),
        ["password[0].notAfter"],
      );
  });

  test("keeps the passwords that it was made with, whatever becomes of the list", () => {
    const list = [{ id: "a", password: PASSWORD }];
    const keeping = new Webhook(list);
    list[0].password = "other";
    list.length = 0;
    // The end of the stack inside the module replaces its instance, and what was in it.
    const dive = () => {
      try {
        dive();
      } catch {
        try {
          keeping.verify(BODY.replace("{", "{ "), PUBLISHED);
        } catch {}
      }
    };
    for (let n = 0; n < 20; n++) dive();
    assert.equal(keeping.verify(BODY, PUBLISHED).passwordId, "a");
  });

  test("shows its passwords to nobody", () => {
    for (const shown of [
      inspect(webhook, { showHidden: true, depth: 9 }),
      JSON.stringify(webhook),
      String(webhook),
      Object.keys(webhook).join(),
      JSON.stringify(Object.getOwnPropertyDescriptors(webhook)),
    ]) {
      assert.ok(!shown.includes(PASSWORD), shown);
    }
  });
});
