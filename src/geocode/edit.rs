//! Edit distance between short ASCII words.

/// Longest word compared.
const MAX_WORD: usize = 48;

/// Optimal string alignment distance (insertion, deletion, substitution, swap of neighbours), where it is at most `limit`.
pub(super) fn distance(a: &[u8], b: &[u8], limit: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > limit || a.len() > MAX_WORD || b.len() > MAX_WORD {
        return None;
    }
    let mut rows = [[0_u8; MAX_WORD + 1]; 3];
    for (j, cell) in rows[0].iter_mut().enumerate().take(b.len() + 1) {
        *cell = j as u8;
    }
    for i in 1..=a.len() {
        let (current, last, older) = (i % 3, (i + 2) % 3, (i + 1) % 3);
        rows[current][0] = i as u8;
        let mut least = i as u8;
        for j in 1..=b.len() {
            let change = u8::from(a[i - 1] != b[j - 1]);
            let mut best = (rows[last][j] + 1).min(rows[current][j - 1] + 1).min(rows[last][j - 1] + change);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[older][j - 2] + 1);
            }
            rows[current][j] = best;
            least = least.min(best);
        }
        if usize::from(least) > limit {
            return None;
        }
    }
    let found = usize::from(rows[a.len() % 3][b.len()]);
    (found <= limit).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn swaps_cost_one() {
        for (a, b, d) in [
            ("TERNIA", "TERINA", 1),
            ("CSTA", "COSTA", 1),
            ("ABC", "ABC", 0),
            ("", "AB", 2),
            ("PIRA", "PRIA", 1),
            ("CA", "ABC", 3),
        ] {
            assert_eq!(distance(a.as_bytes(), b.as_bytes(), 5), Some(d), "{a} {b}");
        }
        assert_eq!(distance(b"ROMA", b"MILANO", 2), None);
    }
}
