//! Ids that nobody can guess, or, with a seed, ids that are the same in every run.

/// Where the bytes of an id come from.
pub(crate) enum Random {
    /// The platform's cryptographic generator.
    System,
    /// A generator that one seed and one position determine, for runs that repeat exactly.
    Seeded(fastrand::Rng),
}

const LOWER_ALPHANUMERIC: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
const ALPHANUMERIC: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

impl Random {
    /// The generator of the `position`-th step of a run.
    pub(crate) fn new(seed: Option<u64>, position: i64) -> Self {
        match seed {
            Some(seed) => Self::Seeded(seeded(seed, position)),
            None => Self::System,
        }
    }

    /// An id in the form that the gateway's own have: 15 lower-case letters and digits.
    pub(crate) fn gateway_id(&mut self) -> worker::Result<String> {
        self.text(LOWER_ALPHANUMERIC, 15)
    }

    /// A cashier token: 50 letters and digits, close to 298 bits.
    pub(crate) fn token(&mut self) -> worker::Result<String> {
        self.text(ALPHANUMERIC, 50)
    }

    /// A version 4 UUID (RFC 9562, section 5.4).
    pub(crate) fn uuid(&mut self) -> worker::Result<String> {
        let mut bytes = [0; 16];
        self.fill(&mut bytes)?;
        Ok(uuid::Builder::from_random_bytes(bytes).into_uuid().to_string())
    }

    fn text(&mut self, alphabet: &[u8], length: usize) -> worker::Result<String> {
        // A byte past the last whole multiple of the alphabet would favour its first letters: it is drawn again.
        let fair = 256 - 256 % alphabet.len();
        let mut text = String::with_capacity(length);
        let mut bytes = [0; 64];
        while text.len() < length {
            self.fill(&mut bytes)?;
            let letters = bytes
                .iter()
                .map(|byte| usize::from(*byte))
                .filter(|byte| *byte < fair)
                .filter_map(|byte| alphabet.get(byte % alphabet.len()));
            text.extend(
                letters
                    .map(|letter| char::from(*letter))
                    .take(length - text.len()),
            );
        }
        Ok(text)
    }

    fn fill(&mut self, bytes: &mut [u8]) -> worker::Result<()> {
        match self {
            Self::System => getrandom::getrandom(bytes)
                .map_err(|_| worker::Error::RustError("the platform gave no random bytes".to_owned())),
            Self::Seeded(generator) => {
                generator.fill(bytes);
                Ok(())
            }
        }
    }
}

/// The generator at one position of a seeded run. Neighbouring positions give unrelated streams.
pub(crate) fn seeded(seed: u64, position: i64) -> fastrand::Rng {
    let position = position.unsigned_abs().wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut generator = fastrand::Rng::with_seed(seed.rotate_left(32) ^ position);
    // The first output of neighbouring states is correlated in small generators.
    generator.u64(..);
    generator
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn ids_have_the_gateways_forms() {
        let mut random = Random::new(None, 0);
        let id = random.gateway_id().unwrap_or_default();
        assert_eq!(id.len(), 15);
        assert!(id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
        assert_eq!(random.token().unwrap_or_default().len(), 50);
        let uuid = random.uuid().unwrap_or_default();
        assert_eq!(uuid.as_bytes().get(14), Some(&b'4'));
    }

    #[test]
    fn a_seed_repeats_and_a_position_differs() {
        let at = |seed, position| Random::new(Some(seed), position).token().unwrap_or_default();
        assert_eq!(at(7, 1), at(7, 1));
        assert_ne!(at(7, 1), at(7, 2));
        assert_ne!(at(7, 1), at(8, 1));
        let system = || Random::new(None, 1).token().unwrap_or_default();
        assert_ne!(system(), system());
    }
}
