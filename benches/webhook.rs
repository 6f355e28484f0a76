//! What verification costs, against the one thing it cannot do without: the SHA-1 of the same bytes.
//!
//!     cargo bench -p edge-cashier --bench webhook
//!
//! Prints ratios from one run; each is the median of interleaved rounds, so a machine that is busy for a while slows
//! both sides. These are native figures. In wasm, SHA-1 is slower and its share larger; that is measured elsewhere.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use edge_cashier::{Webhook, canonicalize};
use sha1::{Digest, Sha1};

const ROUNDS: usize = 41;
const PASSWORD: &str = "spg_test_example_password_of_usual_length";

/// A canonical webhook of about so many bytes: the seven fields, then fields as a gateway adds them.
fn body(bytes: usize) -> String {
    let mut body = String::from(
        r#"{"transaction_id":"r21nmrtpcmrcava","user_id":"1111222","tracking_id":"b8f04416-116a-11ed-861d-0242ac120002","status":"successful","currency":"GBP","amount":"200.00","transaction_type":"deposit""#,
    );
    for number in 0.. {
        if body.len() + 40 > bytes {
            break;
        }
        body.push_str(&format!(
            r#","extra_field_{number}":"value {number} of it","n{number}":{number}.5"#
        ));
    }
    body.push('}');
    body
}

fn time(repeat: u32, mut run: impl FnMut()) -> Duration {
    let start = Instant::now();
    (0..repeat).for_each(|_| run());
    start.elapsed() / repeat
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn main() {
    let webhook = Webhook::new(PASSWORD).unwrap();
    println!("bytes  sha-1     proof alone       check             verify            check, not canonical");
    for bytes in [196, 926, 2048, 16384] {
        let body = body(bytes);
        let spaced = body.replace(',', ", ");
        let signature = webhook.sign(body.as_bytes()).unwrap();
        assert_eq!(canonicalize(&spaced).unwrap(), body);
        let repeat = u32::try_from(2_000_000 / bytes).unwrap();
        let mut times = [const { Vec::new() }; 5];
        for _ in 0..ROUNDS {
            let round = [
                time(repeat, || {
                    black_box(Sha1::digest(black_box(body.as_bytes())));
                }),
                time(repeat, || {
                    black_box(canonicalize(black_box(&body))).unwrap();
                }),
                time(repeat, || {
                    black_box(webhook.check(black_box(body.as_bytes()), &signature, None)).unwrap();
                }),
                time(repeat, || {
                    black_box(webhook.verify(black_box(body.as_bytes()), &signature, None)).unwrap();
                }),
                time(repeat, || {
                    black_box(webhook.check(black_box(spaced.as_bytes()), &signature, None)).unwrap();
                }),
            ];
            times
                .iter_mut()
                .zip(round)
                .for_each(|(times, time)| times.push(time));
        }
        let [sha1, proof, check, verify, slow] = times.map(median);
        let against = |time: Duration| {
            format!(
                "{:>6} ns {:>5.2}x",
                time.as_nanos(),
                time.as_secs_f64() / sha1.as_secs_f64()
            )
        };
        println!(
            "{:>5}  {:>5} ns  {}  {}  {}  {}",
            body.len(),
            sha1.as_nanos(),
            against(proof),
            against(check),
            against(verify),
            against(slow)
        );
    }
}
