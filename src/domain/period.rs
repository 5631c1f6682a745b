//! A span of days.

use jiff::civil::Date;

/// From a day to a day, both included; open where a side is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Period {
    /// First day, or since ever.
    pub from: Option<Date>,
    /// Last day, or still running.
    pub to: Option<Date>,
}

impl Period {
    /// Whether the day lies inside.
    pub fn contains(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }
}

const EPOCH: Date = jiff::civil::date(1970, 1, 1);

/// Days since 1970-01-01.
pub fn days_of(day: Date) -> i32 {
    day.since((jiff::Unit::Day, EPOCH)).map_or(0, |span| span.get_days())
}

/// The day so many days after 1970-01-01; none outside the calendar (years −9999 to 9999).
pub fn date_of(days: i32) -> Option<Date> {
    EPOCH.checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}

/// Full years from a birth to a day; a day before the birth counts as zero.
pub fn age_at(birth: Date, day: Date) -> u8 {
    let before_birthday = (day.month(), day.day()) < (birth.month(), birth.day());
    let years = i32::from(day.year()) - i32::from(birth.year()) - i32::from(before_birthday);
    u8::try_from(years.max(0)).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn days_count_from_the_epoch() {
        for (day, days) in [
            (date(1970, 1, 1), 0),
            (date(1969, 12, 31), -1),
            (date(2026, 11, 23), 20_780),
            (date(-9999, 1, 1), -4_371_587),
        ] {
            assert_eq!((days_of(day), date_of(days)), (days, Some(day)));
        }
        assert_eq!((date_of(i32::MAX), date_of(i32::MIN)), (None, None));
    }

    #[test]
    fn age_changes_on_the_birthday() {
        assert_eq!(age_at(date(1950, 6, 30), date(2026, 6, 29)), 75);
        assert_eq!(age_at(date(1950, 6, 30), date(2026, 6, 30)), 76);
        assert_eq!(age_at(date(2030, 1, 1), date(2026, 6, 30)), 0);
    }
}
