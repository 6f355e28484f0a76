//! Moments that an operator writes into the configuration: RFC 3339, the form with an offset (`2026-12-01T00:00:00Z`).
//!
//! The calendar is the crate `time`'s. Its parser reads every format that can be described, for 10 KB of wasm, so the one fixed shape is taken apart here.

use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

/// The moment in milliseconds since 1970; `None` for any other text, and for what lies before.
#[inline(never)]
pub(crate) fn milliseconds(text: &str) -> Option<u64> {
    let (date, rest) = text.split_once(['T', 't'])?;
    let zone = rest.find(['Z', 'z', '+', '-'])?;
    let (clock, zone) = rest.split_at_checked(zone)?;
    let (clock, fraction) = match clock.split_once('.') {
        Some((clock, fraction)) => (clock, thousandths(fraction)?),
        None => (clock, 0),
    };
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = numbers(clock, ':', [2, 2, 2])?;
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date = Date::from_calendar_date(i32::from(year), month, u8::try_from(day).ok()?).ok()?;
    let time = Time::from_hms_milli(
        hour.try_into().ok()?,
        minute.try_into().ok()?,
        second.try_into().ok()?,
        fraction,
    );
    let moment = PrimitiveDateTime::new(date, time.ok()?).assume_offset(offset(zone)?);
    since_1970(moment)
}

fn since_1970(moment: OffsetDateTime) -> Option<u64> {
    let seconds = u64::try_from(moment.unix_timestamp()).ok()?;
    Some(seconds * 1000 + u64::from(moment.millisecond()))
}

/// `Z`, `+HH:MM` or `-HH:MM`.
fn offset(zone: &str) -> Option<UtcOffset> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(UtcOffset::UTC);
    }
    let (sign, amount) = zone.split_at_checked(1)?;
    let [hours, minutes] = numbers(amount, ':', [2, 2])?;
    if hours > 23 || minutes > 59 {
        return None;
    }
    let seconds = (i32::from(hours) * 60 + i32::from(minutes)) * 60;
    UtcOffset::from_whole_seconds(if sign == "-" { -seconds } else { seconds }).ok()
}

/// What stands behind the point of a second; finer than a thousandth is cut off.
fn thousandths(fraction: &str) -> Option<u16> {
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = fraction.bytes().chain([b'0', b'0']).take(3);
    Some(digits.fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0')))
}

/// Numbers of exactly these many digits, and nothing else.
fn numbers<const N: usize>(text: &str, separator: char, lengths: [usize; N]) -> Option<[u16; N]> {
    let mut parts = text.split(separator);
    let mut numbers = [0; N];
    for (number, length) in numbers.iter_mut().zip(lengths) {
        let part = parts.next()?;
        if part.len() != length || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(numbers)
}

#[cfg(test)]
mod tests {
    use time::format_description::well_known::Rfc3339;

    use super::*;

    /// Each good text in each wrong shape, held to the parser of the crate `time`.
    #[test]
    fn it_reads_what_the_crate_time_reads() {
        let good = [
            "2026-12-01T00:00:00Z",
            "2026-12-01t23:59:59.999z",
            "2024-02-29T12:30:00.5+05:30",
            "2026-01-01T00:00:00.1234567-23:59",
            "1970-01-01T00:00:00Z",
            "9999-12-31T23:59:59Z",
        ];
        let bad = [
            "",
            "tomorrow",
            "2026-12-01",
            "2026-12-01T00:00:00",
            "2026-12-01 00:00Z",
            "2026-12-01T00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-02-29T00:00:00Z",
            "2026-12-01T24:00:00Z",
            "2026-12-01T00:00:00.Z",
            "2026-12-01T00:00:00+5:30",
            "2026-12-01T00:00:00+24:00",
            "2026-12-01T00:00:00+05:60",
            "26-12-01T00:00:00Z",
            "2026-12-01T00:00:00ZZ",
            "2026-12-01T00:00:00Z+01:00",
            "+2026-12-01T00:00:00Z",
            "2026-12-01T00:00:+1Z",
        ];
        for text in good.iter().chain(&bad) {
            let theirs = OffsetDateTime::parse(text, &Rfc3339).ok().and_then(since_1970);
            assert_eq!(milliseconds(text), theirs, "{text}");
            assert_eq!(theirs.is_some(), good.contains(text), "{text}");
        }
    }

    #[test]
    fn a_moment_is_the_number_that_javascript_has_for_it() {
        assert_eq!(milliseconds("2026-12-01T00:00:00Z"), Some(1_796_083_200_000));
        assert_eq!(
            milliseconds("2024-02-29T12:30:00.5+05:30"),
            Some(1_709_190_000_500)
        );
        assert_eq!(milliseconds("1969-12-31T23:59:59Z"), None);
    }
}
