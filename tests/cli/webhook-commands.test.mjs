// verify, sign and explain. Every expected signature is made by node:crypto and JSON, or is the reference's own figure.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { CLI, folder, PASSWORD, PUBLISHED, run, signatureOf, start } from "./run.mjs";

const published = { EDGE_CASHIER_PASSWORD: PUBLISHED.password };
const own = { EDGE_CASHIER_PASSWORD: PASSWORD };
const BODY = JSON.stringify({
  transaction_id: "sample1",
  user_id: "128",
  tracking_id: "order-1",
  status: "successful",
  currency: "EUR",
  amount: "200.00",
  transaction_type: "deposit",
});
/** The same webhook in spellings that JSON.stringify would not write. */
const OTHER_FORMS = [
  ["white space", BODY.replaceAll(":", " : ").replaceAll(",", ",\n  ")],
  ["1.0", BODY.replace('"200.00"', "200.0")],
  ["\\/", BODY.replace("order-1", "order\\/1")],
  ["a byte order mark less, a line end more", `${BODY}\r\n`],
];

describe("verify", () => {
  test("the published example, from a file", async (t) => {
    const file = join(folder(t), "body.json");
    writeFileSync(file, PUBLISHED.body);
    const { code, stdout, stderr } = await run(["verify", file, "--signature", PUBLISHED.signature], {
      env: published,
    });
    assert.equal(stderr, "");
    assert.equal(code, 0);
    assert.match(stdout, /^genuine\n/);
    assert.match(stdout, /^ {2}amount +200\.00$/m);
    assert.match(stdout, /^ {2}status +rejected$/m);
    assert.match(stdout, /^ {2}matched +canonical$/m);
  });

  for (const [name, body] of OTHER_FORMS) {
    test(`from standard input, byte for byte: ${name}`, async () => {
      const args = ["verify", "--json", "--signature", signatureOf(body)];
      const { code, stdout } = await run(args, { env: own, input: body });
      assert.equal(code, 0);
      const { verified, event } = JSON.parse(stdout);
      assert.equal(verified, true);
      assert.equal(event.matched, "canonical");
      assert.equal(event.transaction_id, "sample1");
    });
  }

  test("- is standard input", async () => {
    const { code } = await run(["verify", "-", "--signature", signatureOf(BODY)], { env: own, input: BODY });
    assert.equal(code, 0);
  });

  test("a changed body is exit code 1, with the reason on standard error", async () => {
    const forged = BODY.replace("200.00", "900.00");
    const { code, stdout, stderr } = await run(["verify", "--signature", signatureOf(BODY)], {
      env: own,
      input: forged,
    });
    assert.equal(code, 1);
    assert.equal(stdout, "");
    assert.match(stderr, /^edge-cashier: not genuine \(signature_mismatch\): /);
    assert.match(stderr, /"edge-cashier explain" looks for the cause/);
  });

  test("--json tells a refusal on standard output", async () => {
    const args = ["verify", "--json", "--signature", signatureOf(BODY)];
    const { code, stdout, stderr } = await run(args, { env: own, input: BODY.replace("128", "129") });
    assert.equal(code, 1);
    assert.equal(stderr, "");
    const answer = JSON.parse(stdout);
    assert.equal(answer.verified, false);
    assert.equal(answer.code, "signature_mismatch");
    assert.ok(answer.message.length > 0);
  });

  for (const [name, input, code] of [
    ["not JSON", "status=successful", "not_json"],
    ["bytes that are not UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), "not_json"],
    ["nothing at all", "", "not_json"],
  ]) {
    test(`${name}: exit code 1`, async () => {
      const args = ["verify", "--json", "--signature", PUBLISHED.signature];
      const answer = await run(args, { env: own, input });
      assert.equal(answer.code, 1);
      assert.equal(JSON.parse(answer.stdout).code, code);
    });
  }

  test("--password-env names the variable, and tells which password matched while they rotate", async () => {
    const env = {
      OLD_PASSWORD: "old_password_example",
      NEW_PASSWORD: PASSWORD,
      EDGE_CASHIER_PASSWORD: "of no concern",
    };
    const args = ["verify", "--json", "--password-env", "OLD_PASSWORD", "--password-env", "NEW_PASSWORD"];
    const secrets = Object.values(env);
    for (const [name, password] of [
      ["OLD_PASSWORD", env.OLD_PASSWORD],
      ["NEW_PASSWORD", env.NEW_PASSWORD],
    ]) {
      const signed = [...args, "--signature", signatureOf(BODY, password)];
      const { code, stdout } = await run(signed, { env, input: BODY, secrets });
      assert.equal(code, 0);
      assert.equal(JSON.parse(stdout).event.passwordId, name);
    }
    const foreign = await run([...args, "--signature", signatureOf(BODY, "of no concern")], {
      env,
      input: BODY,
      secrets,
    });
    assert.equal(foreign.code, 1);
  });

  test("the password counts byte for byte", async () => {
    const password = " spaced_password_example ";
    const args = ["verify", "--signature", signatureOf(BODY, password)];
    const exact = await run(args, {
      env: { EDGE_CASHIER_PASSWORD: password },
      input: BODY,
      secrets: [password.trim()],
    });
    assert.equal(exact.code, 0);
    const trimmed = await run(args, { env: { EDGE_CASHIER_PASSWORD: password.trim() }, input: BODY });
    assert.equal(trimmed.code, 1);
  });

  for (const [name, body] of [
    ["in a field of its own", BODY.replace('"successful"', '"\\u001b]0;title\\u0007\\u202eok"')],
    ["in a field that nobody knows", BODY.replace("}", ',"note":"\\u001b]0;title\\u0007\\u202eok"}')],
    ["in the name of one", BODY.replace("}", ',"\\u001b]0;title\\u0007\\u202eok":1}')],
  ]) {
    test(`what a webhook says cannot steer the terminal: ${name}`, async () => {
      const { stdout, stderr } = await run(["verify", "--signature", signatureOf(body)], {
        env: own,
        input: body,
      });
      assert.match(stdout + stderr, /title/);
      assert.doesNotMatch((stdout + stderr).replaceAll("\n", ""), /[\p{Cc}\p{Cf}]/u);
    });
  }

  test("a file whose name holds spaces and backslashes", async (t) => {
    const cwd = folder(t);
    const file = "C:\\My Data\\body 1.json";
    writeFileSync(join(cwd, file), BODY);
    const { code, stderr } = await run(["verify", file, "--signature", signatureOf(BODY)], { env: own, cwd });
    assert.equal(stderr, "");
    assert.equal(code, 0);
  });

  describe("wrong usage is exit code 2", () => {
    test("no --signature", async () => {
      const { code, stderr } = await run(["verify"], { env: own, input: BODY });
      assert.equal(code, 2);
      assert.match(stderr, /--signature is missing: give the value of the x-signature header/);
    });

    test("no password, and no terminal to ask in", async () => {
      const { code, stderr } = await run(["verify", "--signature", "AB"], { input: BODY });
      assert.equal(code, 2);
      assert.match(stderr, /no password: set EDGE_CASHIER_PASSWORD or name a variable with --password-env/);
    });

    test("an empty password counts as none", async () => {
      const { code, stderr } = await run(["verify", "--signature", "AB"], {
        env: { EDGE_CASHIER_PASSWORD: "" },
        input: BODY,
      });
      assert.equal(code, 2);
      assert.match(stderr, /no password/);
    });

    test("the password in place of its variable's name is not repeated", async () => {
      const args = ["verify", "--signature", "AB", "--password-env", PUBLISHED.password];
      const { code, stderr } = await run(args, { input: BODY });
      assert.equal(code, 2);
      assert.match(stderr, /--password-env takes the name of an environment variable/);
    });

    test("the same variable twice", async () => {
      const args = ["verify", "--signature", "AB", "--password-env", "P", "--password-env", "P"];
      const { code, stderr } = await run(args, { env: { P: PASSWORD }, input: BODY });
      assert.equal(code, 2);
      assert.match(stderr, /password\[1\]\.id/);
    });

    test("two files", async () => {
      const { code, stderr } = await run(["verify", "my", "body.json", "--signature", "AB"], { env: own });
      assert.equal(code, 2);
      assert.match(stderr, /quote a name that holds spaces/);
    });

    test("no such file, and a folder", async (t) => {
      const cwd = folder(t);
      mkdirSync(join(cwd, "bodies"));
      const missing = await run(["verify", "body.json", "--signature", "AB"], { env: own, cwd });
      assert.equal(missing.code, 2);
      assert.match(
        missing.stderr,
        /cannot read the webhook body from body\.json: there is no such file: check the path/,
      );
      const directory = await run(["verify", "bodies", "--signature", "AB"], { env: own, cwd });
      assert.equal(directory.code, 2);
      assert.match(directory.stderr, /it is a folder: name a file in it/);
    });
  });
});

describe("sign", () => {
  for (const [name, body] of [["as it stands", BODY], ...OTHER_FORMS]) {
    test(`prints the gateway's signature: ${name}`, async () => {
      const { code, stdout, stderr } = await run(["sign"], { env: own, input: body });
      assert.equal(stderr, "");
      assert.equal(stdout, `${signatureOf(body)}\n`);
      assert.equal(code, 0);
    });
  }

  test("--json", async () => {
    const { stdout } = await run(["sign", "--json"], { env: published, input: PUBLISHED.body });
    assert.deepEqual(JSON.parse(stdout), { signature: PUBLISHED.signature });
  });

  test("what is not JSON is exit code 1", async () => {
    const { code, stdout, stderr } = await run(["sign"], { env: own, input: "{'status':1}" });
    assert.equal(code, 1);
    assert.equal(stdout, "");
    assert.match(stderr, /cannot be signed \(not_json\)/);
    const json = await run(["sign", "--json"], { env: own, input: "{'status':1}" });
    assert.equal(json.code, 1);
    assert.equal(JSON.parse(json.stdout).code, "not_json");
  });

  test("takes one password only", async () => {
    const args = ["sign", "--password-env", "A", "--password-env", "B"];
    const { code, stderr } = await run(args, { env: { A: "a", B: "b" }, input: BODY, secrets: [] });
    assert.equal(code, 2);
    assert.match(stderr, /signing takes one password/);
  });
});

describe("explain", () => {
  test("names the environment whose password signed", async () => {
    const env = { ...own, STAGING_PASSWORD: PUBLISHED.password };
    const args = [
      "explain",
      "--json",
      "--signature",
      PUBLISHED.signature,
      "--candidate-env",
      "STAGING_PASSWORD",
    ];
    const { code, stdout } = await run(args, { env, input: PUBLISHED.body });
    assert.equal(code, 1);
    const { reason, hint } = JSON.parse(stdout);
    assert.equal(reason, "password_of_another_environment");
    assert.match(hint, /STAGING_PASSWORD/);
    assert.ok(!stdout.includes(PUBLISHED.password));
    const unset = await run([...args.slice(0, -1), PUBLISHED.password], { env: own, input: PUBLISHED.body });
    assert.equal(unset.code, 2);
    assert.match(unset.stderr, /--candidate-env/);
    assert.ok(!unset.stderr.includes(PUBLISHED.password));
  });

  test("a genuine webhook is exit code 0", async () => {
    const args = ["explain", "--signature", PUBLISHED.signature];
    const { code, stdout } = await run(args, { env: published, input: PUBLISHED.body });
    assert.equal(code, 0);
    assert.match(stdout, /^verdict +verified$/m);
  });

  test("names the mistake and the remedy: a password copied with a line end", async () => {
    const env = { EDGE_CASHIER_PASSWORD: `${PASSWORD}\n` };
    const { code, stdout } = await run(["explain", "--signature", signatureOf(BODY)], { env, input: BODY });
    assert.equal(code, 1);
    assert.match(stdout, /^verdict +refused$/m);
    assert.match(stdout, /^reason +password_white_space$/m);
    assert.match(stdout, /^hint +\S.{20,}$/m);
  });

  test("--json has the three words, whatever is wrong", async () => {
    const args = ["explain", "--json", "--signature", "not hex"];
    const { code, stdout } = await run(args, { env: own, input: BODY });
    assert.equal(code, 1);
    const answer = JSON.parse(stdout);
    assert.deepEqual(Object.keys(answer), ["verdict", "reason", "hint"]);
    assert.equal(answer.verdict, "refused");
    assert.equal(answer.reason, "signature_not_hex");
    assert.ok(answer.hint.length > 20);
  });

  test("needs a signature", async () => {
    assert.equal((await run(["explain"], { env: own, input: BODY })).code, 2);
  });

  test("takes every password of a rotation, as verify does", async () => {
    const env = { OLD_PASSWORD: "old_password_example", NEW_PASSWORD: PASSWORD };
    const args = [
      "explain",
      "--password-env",
      "OLD_PASSWORD",
      "--password-env",
      "NEW_PASSWORD",
      "--signature",
    ];
    for (const password of Object.values(env)) {
      const { code, stdout } = await run([...args, signatureOf(BODY, password)], { env, input: BODY });
      assert.equal(code, 0);
      assert.match(stdout, /^verdict +verified$/m);
    }
  });
});

describe("in a terminal", () => {
  /** `script` lends the command a terminal of its own; what it prints is what a user would see. */
  function terminal(args, answers) {
    const command = [process.execPath, CLI, ...args].map((word) => `'${word}'`).join(" ");
    const child = start("script", ["-qefc", command, "/dev/null"]);
    const waiting = [...answers];
    let screen = "";
    child.stdout.setEncoding("utf8").on("data", (chunk) => {
      screen += chunk;
      const [next] = waiting;
      if (next && screen.includes(next.after)) child.stdin.write(waiting.shift().type);
    });
    return new Promise((done, refuse) => {
      child.once("error", refuse).once("close", (code) => done({ code, screen }));
    });
  }
  const QUESTION = "Webhook password (not shown): ";

  test("the password is asked for, and what is typed is not shown", async (t) => {
    const file = join(folder(t), "body.json");
    writeFileSync(file, PUBLISHED.body);
    const args = ["verify", file, "--signature", PUBLISHED.signature];
    const { code, screen } = await terminal(args, [{ after: QUESTION, type: `${PUBLISHED.password}\r` }]);
    assert.ok(!screen.includes(PUBLISHED.password), "the password was echoed");
    assert.match(screen, /genuine/);
    assert.equal(code, 0);
  });

  test("a correction with backspace counts", async (t) => {
    const file = join(folder(t), "body.json");
    writeFileSync(file, PUBLISHED.body);
    const typed = `${PUBLISHED.password}xy\u007f\u007f\r`;
    const { code } = await terminal(
      ["verify", file, "--signature", PUBLISHED.signature],
      [{ after: QUESTION, type: typed }],
    );
    assert.equal(code, 0);
  });

  test("an empty password is wrong usage, and Ctrl-C ends", async (t) => {
    const file = join(folder(t), "body.json");
    writeFileSync(file, PUBLISHED.body);
    const args = ["sign", file];
    const empty = await terminal(args, [{ after: QUESTION, type: "\r" }]);
    assert.equal(empty.code, 2);
    assert.match(empty.screen, /the password is empty/);
    const interrupted = await terminal(args, [{ after: QUESTION, type: "\u0003" }]);
    assert.equal(interrupted.code, 130);
  });

  test("a body that nobody can pipe in is asked for by name", async () => {
    const { code, screen } = await terminal(["sign", "--password-env", "HOME"], []);
    assert.equal(code, 2);
    assert.match(screen, /no webhook body: name a file that holds it, or pipe it in/);
  });
});
