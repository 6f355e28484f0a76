// What the README claims, run: its first program as it is there, the commands it names, the files it points to. The launcher's suite runs the
// programs for the shop's pages.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, join, resolve } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";

const root = resolve(import.meta.dirname, "../..");
const readme = readFileSync(join(root, "README.md"), "utf8");
// Inside tests/, so that the program finds the package by its name.
const folder = mkdtempSync(join(import.meta.dirname, ".readme-"));
after(() => rmSync(folder, { recursive: true }));

/** The blocks of a language in a document. */
const blocks = (document, language) =>
  [...readFileSync(join(root, document), "utf8").matchAll(/^```(\w+)\n(.*?)^```/gms)]
    .filter((found) => found[1] === language)
    .map((found) => found[2]);
const programs = blocks("README.md", "js");

test("the first program deposits and receives a webhook", async (context) => {
  const requests = [];
  const gateway = createServer(async (request, response) => {
    let body = "";
    for await (const piece of request) body += piece;
    requests.push({ path: request.url, key: request.headers["x-api-key"], body });
    response.setHeader("content-type", "application/json").end('{"token":"token-from-the-gateway"}');
  });
  await new Promise((listening) => gateway.listen(0, "127.0.0.1", listening));
  context.after(() => gateway.close());

  const password = "obviously-not-a-real-password";
  process.env.GATEWAY_API_KEY = "readme-key";
  process.env.GATEWAY_URL = `http://127.0.0.1:${gateway.address().port}`;
  process.env.WEBHOOK_PASSWORD = password;
  const file = join(folder, "program.mjs");
  writeFileSync(file, `${programs[0]}\nexport { cashier_url };\n`);
  const program = await import(pathToFileURL(file).href);

  assert.equal(program.cashier_url, "https://cashier.example.com/token-from-the-gateway");
  assert.equal(requests.length, 1);
  assert.equal(requests[0].path, "/cashier/deposit");
  assert.equal(requests[0].key, "readme-key");
  assert.match(requests[0].body, /"amount":10\.05[,}]/);

  const event = {
    transaction_id: "t1",
    user_id: "128",
    tracking_id: "order-1",
    status: "successful",
    currency: "EUR",
    amount: "10.05",
    transaction_type: "deposit",
  };
  const body = JSON.stringify(event);
  const signature = createHash("sha1")
    .update(body + password)
    .digest("hex")
    .toUpperCase();
  const post = (text) =>
    program.POST(
      new Request("http://shop.example.com", {
        method: "POST",
        body: text,
        headers: { "x-signature": signature },
      }),
    );
  assert.equal((await post(body)).status, 204);
  const forged = await post(body.replace("10.05", "99.05"));
  assert.deepEqual([forged.status, await forged.text()], [401, "signature_mismatch"]);
});

// In TypeScript everything has its type; a parameter of a JavaScript program may have none.
for (const [language, extension, options] of [
  ["ts", "mts", {}],
  ["js", "mjs", { allowJs: true, checkJs: true, noImplicitAny: false }],
]) {
  test(`every ${language} block of the README and of the package's README compiles under strict`, () => {
    const files = ["README.md", "pkg/README.md"].flatMap((document) =>
      blocks(document, language).map((block, n) => {
        const name = `${document.replace(/\W/g, "-")}-${n}.${extension}`;
        writeFileSync(join(folder, name), block);
        return name;
      }),
    );
    assert.ok(files.length >= 2, `only ${files}`);
    const config = join(folder, `tsconfig.${language}.json`);
    const compilerOptions = {
      target: "es2023",
      module: "nodenext",
      lib: ["es2023", "dom"],
      types: ["node"],
      strict: true,
      noEmit: true,
      ...options,
    };
    writeFileSync(config, JSON.stringify({ compilerOptions, files }));
    const { status, stdout } = spawnSync(
      process.execPath,
      [join(root, "node_modules/typescript/bin/tsc"), "-p", config],
      { encoding: "utf8" },
    );
    assert.equal(status, 0, stdout);
  });
}

test("the first program stays a ten-line use", () => {
  const lines = programs[0].split("\n").filter((line) => line.trim() !== "");
  assert.ok(lines.length <= 16, `${lines.length} lines: shorten the first program`);
});

test("as many scenarios are there as the README says", () => {
  const said = /(\d+) named \[scenarios\]/.exec(readme)[1];
  assert.equal(Number(said), readdirSync(join(root, "simulator/scenarios")).length);
});

test("every xtask command that the README names exists, and every command is named", () => {
  const help = execFileSync("cargo", ["xtask", "--help"], { cwd: root, encoding: "utf8" });
  const commands = [...help.matchAll(/^ {2}([a-z]+) {2,}\S/gm)].map((found) => found[1]).sort();
  const named = /`cargo xtask ((?:[a-z]+ · )+[a-z]+)`/.exec(readme)[1].split(" · ").sort();
  assert.deepEqual(named, commands);
});

test("the operator's document has every event of the log, with its fields", () => {
  const source = readFileSync(join(root, "worker/src/log.rs"), "utf8").replace(/\/\/.*/g, "");
  const lines = /enum Line<'a> \{(.*?)\n\}/s.exec(source)[1];
  const snake = (name) => name.replace(/\B[A-Z]/g, "_$&").toLowerCase();
  const variants = [...lines.matchAll(/([A-Z]\w+) \{([^}]*)\}/g)].map(([, name, fields]) => [
    snake(name),
    [...fields.matchAll(/(\w+): /g)].map((found) => found[1]),
  ]);
  const document = readFileSync(join(root, "docs/operating.md"), "utf8");
  const table = /^\| `event` .*?\n\n/ms.exec(document)[0];
  const rows = [...table.matchAll(/^\| `(\w+)` \| (?:log|error) \| (.*?) \|/gm)].map(([, event, fields]) => [
    event,
    // What a field may say instead is in brackets.
    [...fields.replace(/\(.*?\)/g, "").matchAll(/`(\w+)`/g)].map((found) => found[1]),
  ]);
  assert.deepEqual(Object.fromEntries(rows), Object.fromEntries(variants));
});

test("every link to a file leads to one", () => {
  const docs = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));
  for (const document of [
    "README.md",
    "CHANGELOG.md",
    ...docs.map((name) => `docs/${name}`),
    "examples/README.md",
    "pkg/README.md",
    "pkg/PACKAGING.md",
    "simulator/README.md",
    "worker/README.md",
  ]) {
    const text = readFileSync(join(root, document), "utf8");
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map((found) => found[1]);
    for (const link of links) {
      assert.ok(
        existsSync(resolve(root, dirname(document), link)),
        `${document} links to ${link}, which is not there`,
      );
    }
  }
});
