//! Says what the Rust core says. The class `Gateway` of the npm package is written a second time, in TypeScript, and has to say the same to the letter:
//! `tests/pkg/judge.test.mjs` asks both.
//!
//! A line of standard input is a question, an object of JSON; the line of the same number on standard output is its answer. What all questions about a
//! gateway share is `options`: `{apiKey, baseUrl, cashierUrl?, userAgent, routes?}`, text but for `routes`, under the names that JavaScript has.
//!
//! | `ask`      | with                                                                                        | answer                                                             |
//! | ---------- | ------------------------------------------------------------------------------------------- | ------------------------------------------------------------------ |
//! | `options`  | `options`                                                                                   | `{violations}`, empty for none                                     |
//! | `request`  | `options`, `operation`, `request`                                                           | `{method, url, headers, body}` or `{violations}`                   |
//! | `received` | `options`, `operation`, `about`, `retry`, `status`, `headers`, and `text` or `hex` (a body) | `{reply, address}` or `{error, wait}`                              |
//! | `problem`  | `options`, `operation`, `about`, `retry`, and `detail` or `timeoutMs`                       | `{error, wait}`                                                    |
//! | `windows`  | `options`, `from?` and `to`, days as `DD-MM-YYYY`                                           | `{windows}`, the query of each (the first 1100), or `{violations}` |
//!
//! - A violation is `{path, code, message}`.
//! - `about` is `{id, method, url, attempts, time}`: what the error is told of the call.
//! - `retry` is `{maxRetries, random}`; `wait` is the milliseconds until the request may be sent again, or null. `attempts` counts the attempts that have failed.
//! - `headers` has names in lower case.
//! - In a reply each object is `{"object": [[name, value], …]}`. V8 mixes up keys that are written with an escape (nodejs/node#63785), so none stands in an answer.
//!
//! A line that is no question ends the program with code 1.

mod answer;
mod question;

use std::io::{BufRead, BufReader, BufWriter, Write, stdin, stdout};
use std::process::ExitCode;

/// Why the program cannot go on.
type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    match answer_all() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing can be done where there is no standard error either.
            let _ = writeln!(std::io::stderr(), "edge-cashier-judge: {error}");
            ExitCode::FAILURE
        }
    }
}

fn answer_all() -> Result<(), Failure> {
    let mut out = BufWriter::new(stdout().lock());
    for (place, line) in BufReader::new(stdin().lock()).lines().enumerate() {
        let answer = question::answer(&line?).map_err(|error| format!("line {}: {error}", place + 1))?;
        serde_json::to_writer(&mut out, &answer)?;
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(())
}
