const PASSWORD = `The password is read from EDGE_CASHIER_PASSWORD, or from the variable that --password-env names, or asked
for in a terminal. It is never an argument. The body is read byte for byte from FILE, else from standard input.`;

export const GENERAL = `Usage: edge-cashier COMMAND [options]

  verify   check the signature of a webhook
  sign     print the signature of a webhook body
  explain  say why a signature does not verify
  send     send signed sample webhooks to a URL
  request  print the HTTP request of an operation, without sending it
  worker   write a project that deploys the Cloudflare Worker

  --help     this text; "edge-cashier COMMAND --help" for one command
  --version  the version

Exit codes: 0 done, 1 refused or does not verify, 2 wrong usage, 3 could not be reached.
`;

export const HELP = {
  verify: `Usage: edge-cashier verify [FILE] --signature HEX [options]

Checks a webhook against the value of its x-signature header; prints its fields when it is genuine.

  --signature HEX      the value of the x-signature header
  --password-env NAME  the variable that holds the password; repeat it while passwords rotate
  --json               print the result as JSON

${PASSWORD}
Exit codes: 0 genuine, 1 not, 2 wrong usage.
`,
  sign: `Usage: edge-cashier sign [FILE] [options]

Prints the signature that the gateway would send in x-signature for this body.

  --password-env NAME  the variable that holds the password
  --json               print the result as JSON

${PASSWORD}
Exit codes: 0 signed, 1 the body cannot be signed, 2 wrong usage.
`,
  explain: `Usage: edge-cashier explain [FILE] --signature HEX [options]

Says whether a webhook verifies and, if not, which usual mistake it is and what to do. For development.

  --signature HEX       the value of the x-signature header
  --password-env NAME   the variable that holds the password; repeat it while passwords rotate
  --candidate-env NAME  a variable with the password of another environment, to see whether it signed; repeatable
  --json                print the result as JSON

${PASSWORD}
Exit codes: 0 genuine, 1 not, 2 wrong usage.
`,
  send: `Usage: edge-cashier send URL [options]

Sends signed sample webhooks of one payment to URL, one after the other, and prints each answer.

  --status STATUS       pending, successful, rejected or another; repeat it for several (default: successful)
  --type TYPE           deposit or withdrawal (default: deposit)
  --amount AMOUNT       default: 200.00
  --currency CODE       default: EUR
  --tracking-id ID      default: a new UUID
  --transaction-id ID   default: a new one
  --user-id ID          default: sample-user
  --count N             send each of them N times, 1 to 1000 (default: 1)
  --shuffle             send them out of order; adds an earlier or a final state if there is only one
  --seed N              repeat the order of an earlier --shuffle
  --timeout SECONDS     how long to wait for each answer (default: 10)
  --password-env NAME   the variable that holds the password
  --json                print the result as JSON

The password is read from EDGE_CASHIER_PASSWORD, or from the variable that --password-env names, or asked for in a
terminal. It is never an argument.
Exit codes: 0 every answer was 2xx, 1 one was not, 2 wrong usage, 3 one never came.
`,
  request: `Usage: edge-cashier request OPERATION [FILE] [options]

Prints the HTTP request of an operation, without sending it. Its JSON is read from FILE, else from standard input.
OPERATION is hosted_deposit, hosted_withdrawal, direct_payment, card_payment, reject_payout, approve_payout,
transaction_status ({"id": "…"}) or list_transactions ({"from": "DD-MM-YYYY", "to": "DD-MM-YYYY"}, both optional).

  --base-url URL      the gateway's address (default: the variable EDGE_CASHIER_BASE_URL)
  --routes FILE       JSON with the paths that differ from the default ones
  --api-key-env NAME  the variable that holds the API key (default: EDGE_CASHIER_API_KEY)
  --show-key          print the API key, which is [REDACTED] otherwise
  --show-card         print the card number and code, which are [REDACTED] otherwise
  --json              print the request as JSON

Exit codes: 0 printed, 1 the request is not valid, 2 wrong usage.
`,
  worker: `Usage: edge-cashier worker DIR [options]

Writes a small project into DIR that runs and deploys the Cloudflare Worker with wrangler: no Rust, nothing to compile.
The Worker itself is the npm package edge-cashier-worker, in this version. DIR must not exist yet or be empty.

  --json  print what was written as JSON

Exit codes: 0 written, 1 it cannot be written there, 2 wrong usage.
`,
} as const;
