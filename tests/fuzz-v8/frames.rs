//! Canonicalizes frame after frame from standard input, for the differential fuzzer in `run.mjs`.
//!
//! A frame in: the length of a body (u32, little endian), the body. A frame out: one byte that tells how it went
//! (0 rewritten, 1 already canonical, 2 refused), a length as above, then the canonical text, or the error's position
//! as decimal digits.

use std::borrow::Cow;
use std::io::{self, BufReader, BufWriter, ErrorKind, Read, Write};

fn main() -> io::Result<()> {
    let mut input = BufReader::with_capacity(1 << 20, io::stdin().lock());
    let mut output = BufWriter::with_capacity(1 << 20, io::stdout().lock());
    let mut body = Vec::new();
    loop {
        // Who waits for these answers sends nothing more until they are there.
        if input.buffer().is_empty() {
            output.flush()?;
        }
        let mut length = [0; 4];
        match input.read_exact(&mut length) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return output.flush(),
            other => other?,
        }
        body.resize(u32::from_le_bytes(length) as usize, 0);
        input.read_exact(&mut body)?;
        let (how, text) = match edge_cashier::canonicalize(&body) {
            Ok(Cow::Owned(text)) => (0, Cow::Owned(text)),
            Ok(Cow::Borrowed(text)) => (1, Cow::Borrowed(text)),
            Err(error) => (2, Cow::Owned(error.position().to_string())),
        };
        output.write_all(&[how])?;
        output.write_all(&u32::try_from(text.len()).map_err(io::Error::other)?.to_le_bytes())?;
        output.write_all(text.as_bytes())?;
    }
}
