//! Texts of others inside markup.

use std::fmt::{self, Display, Write as _};

/// A text where markup is read (HTML, SVG, XML): what would be markup is written as a reference, what XML forbids is left
/// out.
pub(super) struct Escaped<T>(pub(super) T);

impl<T: AsRef<str>> Display for Escaped<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.as_ref().chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\t' | '\n' | '\r' => f.write_char(' ')?,
                c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// A text inside a CSS string inside a `style` element: everything but letters and digits is written by its number, so that
/// it can end neither.
pub(super) fn css_string(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars().filter(|c| !c.is_control()) {
        if c.is_alphanumeric() || c == ' ' {
            out.push(c);
        } else {
            write!(out, "\\{:x} ", u32::from(c)).ok();
        }
    }
    out.push('"');
    out
}
