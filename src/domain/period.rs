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
    fn age_changes_on_the_birthday() {
        assert_eq!(age_at(date(1950, 6, 30), date(2026, 6, 29)), 75);
        assert_eq!(age_at(date(1950, 6, 30), date(2026, 6, 30)), 76);
        assert_eq!(age_at(date(2030, 1, 1), date(2026, 6, 30)), 0);
    }
}
