//! Ids that nobody can guess, or, with a seed, ids and draws that are the same in every run.

use rand::distr::{Alphanumeric, SampleString};
use rand::rngs::ChaCha20Rng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};

/// The letters of the gateway's own ids.
const LOWER_ALPHANUMERIC: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// What is drawn. Each is counted by itself, so that a run repeats although its parts take turns in another way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::AsRefStr)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Draw {
    /// The ids of a transaction, and its token.
    Ids,
    /// Whether a webhook is lost.
    Loss,
    /// The order of webhooks that were held.
    Order,
}

/// Where ids come from: a cryptographic generator.
pub(crate) struct Random(ChaCha20Rng);

impl Random {
    /// Returns the generator of one draw of a run that a seed determines.
    pub(crate) fn seeded(seed: u64, draw: Draw, position: i64) -> Self {
        Self(seeded(seed, draw, position))
    }

    /// Returns a generator that nobody can foretell.
    pub(crate) fn unguessable() -> worker::Result<Self> {
        let mut seed = [0; 32];
        getrandom::getrandom(&mut seed)
            .map_err(|_| worker::Error::RustError("the platform gave no random bytes".to_owned()))?;
        Ok(Self(ChaCha20Rng::from_seed(seed)))
    }

    /// Draws an id in the form that the gateway's own have: 15 lower-case letters and digits.
    pub(crate) fn gateway_id(&mut self) -> String {
        (0..15)
            .filter_map(|_| LOWER_ALPHANUMERIC.choose(&mut self.0))
            .map(|letter| char::from(*letter))
            .collect()
    }

    /// Draws a cashier token: 50 letters and digits, close to 298 bits.
    pub(crate) fn token(&mut self) -> String {
        Alphanumeric.sample_string(&mut self.0, 50)
    }

    /// Draws a version 4 UUID (RFC 9562, section 5.4).
    pub(crate) fn uuid(&mut self) -> String {
        uuid::Builder::from_random_bytes(self.0.random())
            .into_uuid()
            .to_string()
    }
}

/// Returns the generator of the `position`-th draw of a seeded run; every draw has a stream of its own.
pub(crate) fn seeded(seed: u64, draw: Draw, position: i64) -> ChaCha20Rng {
    let mut generator = ChaCha20Rng::seed_from_u64(seed);
    generator.set_stream((position.unsigned_abs() << 2) | draw as u64);
    generator
}

#[cfg(test)]
mod tests {
    use super::{Draw, Random};

    fn unguessable_token() -> String {
        Random::unguessable()
            .map(|mut random| random.token())
            .unwrap_or_default()
    }

    #[test]
    fn ids_have_the_gateways_forms() {
        let mut random = Random::seeded(1, Draw::Ids, 1);
        let id = random.gateway_id();
        assert_eq!(id.len(), 15);
        assert!(id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
        assert_eq!(unguessable_token().len(), 50);
        assert_eq!(random.uuid().as_bytes().get(14), Some(&b'4'));
    }

    #[test]
    fn a_seed_repeats_and_any_other_draw_differs() {
        let at = |seed, draw, position| Random::seeded(seed, draw, position).token();
        assert_eq!(at(7, Draw::Ids, 1), at(7, Draw::Ids, 1));
        assert_ne!(at(7, Draw::Ids, 1), at(7, Draw::Ids, 2));
        assert_ne!(at(7, Draw::Ids, 1), at(8, Draw::Ids, 1));
        assert_ne!(at(7, Draw::Ids, 1), at(7, Draw::Order, 1));
        assert_ne!(unguessable_token(), unguessable_token());
    }
}
