import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import { CLI, folder, PUBLISHED, run, start } from "./run.mjs";

const manifest = JSON.parse(readFileSync(resolve(import.meta.dirname, "../../pkg/package.json"), "utf8"));
const COMMANDS = ["verify", "sign", "explain", "send", "request", "worker"];

test("the package installs the command under its own name", () => {
  assert.equal(resolve(import.meta.dirname, "../../pkg", manifest.bin["edge-cashier"]), CLI);
  assert.equal(readFileSync(CLI, "utf8").split("\n", 1)[0], "#!/usr/bin/env node");
});

test("--version prints the package's version and nothing else", async () => {
  assert.deepEqual(await run(["--version"]), { code: 0, stdout: `${manifest.version}\n`, stderr: "" });
});

describe("help", () => {
  test("names every command and every exit code", async () => {
    const { code, stdout, stderr } = await run(["--help"]);
    assert.equal(code, 0);
    assert.equal(stderr, "");
    for (const command of COMMANDS) assert.match(stdout, new RegExp(`^  ${command} `, "m"));
    assert.match(
      stdout,
      /^Exit codes: 0 done, 1 refused or does not verify, 2 wrong usage, 3 could not be reached\.$/m,
    );
    assert.deepEqual(await run(["-h"]), { code, stdout, stderr });
    assert.deepEqual(await run(["help"]), { code, stdout, stderr });
  });

  for (const command of COMMANDS) {
    test(`of ${command} is short, and every option in it exists`, async () => {
      const { code, stdout, stderr } = await run([command, "--help"]);
      assert.equal(code, 0);
      assert.equal(stderr, "");
      assert.match(stdout, new RegExp(`^Usage: edge-cashier ${command} `));
      assert.match(stdout, /^Exit codes: 0 /m);
      assert.ok(stdout.split("\n").length < 30, "a help text that does not fit on a screen is not read");
      for (const line of stdout.split("\n")) assert.ok(line.length <= 120, line);
      assert.deepEqual(await run(["help", command]), { code, stdout, stderr });
      const options = [...stdout.matchAll(/^ {2}(--[a-z-]+)/gm)].map(([, option]) => option);
      assert.ok(options.includes("--json"));
      for (const option of options) {
        const attempt = await run([command, option, "--no-such-option"]);
        assert.equal(attempt.code, 2);
        // Reached only when the option before it is known: as a flag, or as one that wants a value.
        assert.match(
          attempt.stderr,
          new RegExp(`unknown option --no-such-option|${option} needs a value`),
          option,
        );
      }
    });
  }

  test("is printed also among other arguments, and reads nothing", async () => {
    const { code, stdout } = await run(["verify", "no-such-file.json", "--help"]);
    assert.equal(code, 0);
    assert.match(stdout, /^Usage: edge-cashier verify /);
  });
});

describe("wrong usage is exit code 2, on standard error, with the remedy", () => {
  const cases = [
    ["no command", [], /no command\n\nUsage: edge-cashier COMMAND/],
    ["an unknown command", ["verfiy"], /unknown command\n\nUsage: edge-cashier COMMAND/],
    ["an object's own method is no command", ["constructor"], /unknown command/],
    [
      "an unknown option",
      ["verify", "--sig", "AB"],
      /unknown option --sig: "edge-cashier verify --help" lists the options/,
    ],
    ["an option without its value", ["verify", "--signature"], /--signature needs a value/],
    ["a flag with a value", ["verify", "--json=yes"], /--json takes no value/],
  ];
  for (const [name, args, expected] of cases) {
    test(name, async () => {
      const { code, stdout, stderr } = await run(args);
      assert.equal(code, 2);
      assert.equal(stdout, "");
      assert.match(stderr, expected);
      assert.ok(stderr.startsWith("edge-cashier: "));
    });
  }
});

describe("secrets are never arguments", () => {
  for (const args of [["--password", "hunter2-example"], ["--password=hunter2-example"]]) {
    for (const command of COMMANDS.filter((name) => name !== "request")) {
      test(`${command} ${args[0].split("=")[0]}${args.length === 1 ? "=" : " "}…`, async () => {
        const { code, stderr, stdout } = await run([command, ...args], { secrets: ["hunter2-example"] });
        assert.equal(code, 2);
        assert.equal(stdout, "");
        assert.match(stderr, /--password is refused: every user of this machine can read the arguments/);
        assert.match(stderr, /set EDGE_CASHIER_PASSWORD/);
      });
    }
  }

  test("request --api-key=…", async () => {
    const { code, stderr } = await run(["request", "--api-key=live-key-example"], {
      secrets: ["live-key-example"],
    });
    assert.equal(code, 2);
    assert.match(stderr, /--api-key is refused: .* set EDGE_CASHIER_API_KEY/);
  });

  test("after -- the word is a file name like any other", async () => {
    const { code, stderr } = await run(["sign", "--", "--password"], { env: { EDGE_CASHIER_PASSWORD: "x" } });
    assert.equal(code, 2);
    assert.match(stderr, /cannot read the webhook body from --password: there is no such file/);
  });
});

test("a reader that stops early is no error, and the exit code still tells the result", async () => {
  const child = start(process.execPath, [CLI, "verify", "--signature", PUBLISHED.signature], {
    env: { EDGE_CASHIER_PASSWORD: PUBLISHED.password },
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (chunk) => {
    stderr += chunk;
  });
  const closed = new Promise((done) => child.once("close", done));
  // The reader is gone before there is anything to read; only then does the command get its body.
  child.stdout.destroy();
  child.stdin.end(PUBLISHED.body);
  assert.equal(await closed, 0);
  assert.equal(stderr, "");
});

test("npm installs it out of the packed tarball, and it runs by its name", async (t) => {
  const home = folder(t);
  const npm = (args) =>
    promisify(execFile)("npm", [...args, "--offline", "--no-audit", "--no-fund"], { cwd: home });
  const { stdout } = await npm(["pack", resolve(CLI, "../.."), "--json", "--ignore-scripts"]);
  const [{ filename }] = Object.values(JSON.parse(stdout));
  writeFileSync(join(home, "package.json"), '{ "private": true }');
  await npm(["install", "--ignore-scripts", join(home, filename)]);
  const child = start(join(home, "node_modules/.bin/edge-cashier"), ["--version"]);
  assert.equal(await text(child.stdout), `${manifest.version}\n`);
});
