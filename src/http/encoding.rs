//! Which coding a client wants: `Accept-Encoding` with its weights (RFC 9110, 12.5.3).

use axum::http::{HeaderMap, header};

use crate::app::cache::Coding;

/// The best coding that the client takes; none where it refuses even the plain bytes.
pub fn choose(headers: &HeaderMap) -> Option<Coding> {
    let mut weights = Weights::default();
    let mut said = false;
    for value in headers.get_all(header::ACCEPT_ENCODING) {
        said = true;
        value.to_str().unwrap_or_default().split(',').for_each(|part| weights.note(part));
    }
    if !said {
        return Some(Coding::Identity);
    }
    let best = Coding::ALL.map(|coding| weights.of(coding)).into_iter().max().unwrap_or(0);
    if best == 0 {
        return None;
    }
    Coding::ALL.into_iter().find(|&coding| weights.of(coding) == best)
}

/// The name of a coding in `Content-Encoding`.
pub const fn name(coding: Coding) -> Option<&'static str> {
    match coding {
        Coding::Identity => None,
        Coding::Gzip => Some("gzip"),
        Coding::Brotli => Some("br"),
        Coding::Zstd => Some("zstd"),
    }
}

/// Weights in thousandths.
#[derive(Default)]
struct Weights {
    gzip: Option<u16>,
    brotli: Option<u16>,
    zstd: Option<u16>,
    identity: Option<u16>,
    any: Option<u16>,
}

impl Weights {
    fn note(&mut self, part: &str) {
        let mut pieces = part.split(';').map(str::trim);
        let name = pieces.next().unwrap_or_default();
        let weight = pieces.find_map(|piece| piece.strip_prefix("q=").or_else(|| piece.strip_prefix("Q=")));
        // A weight that is no weight is a client's slip: the coding is taken as not wanted.
        let weight = weight.map_or(1000, |text| match text.parse::<f32>() {
            Ok(weight) if (0.0..=1.0).contains(&weight) => (weight * 1000.0).round() as u16,
            _ => 0,
        });
        let place = match name {
            _ if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") => &mut self.gzip,
            _ if name.eq_ignore_ascii_case("br") => &mut self.brotli,
            _ if name.eq_ignore_ascii_case("zstd") => &mut self.zstd,
            _ if name.eq_ignore_ascii_case("identity") => &mut self.identity,
            "*" => &mut self.any,
            _ => return,
        };
        *place = Some(weight);
    }

    fn of(&self, coding: Coding) -> u16 {
        match coding {
            Coding::Gzip => self.gzip.or(self.any).unwrap_or(0),
            Coding::Brotli => self.brotli.or(self.any).unwrap_or(0),
            Coding::Zstd => self.zstd.or(self.any).unwrap_or(0),
            // Plain bytes are welcome unless refused, but any named coding is better.
            Coding::Identity => self.identity.unwrap_or(u16::from(self.any != Some(0))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn weights_decide_and_order_does_not() {
        for (header, coding) in [
            (None, Some(Coding::Identity)),
            (Some(""), Some(Coding::Identity)),
            (Some("gzip"), Some(Coding::Gzip)),
            (Some("gzip, deflate, br, zstd"), Some(Coding::Brotli)),
            (Some("gzip, deflate"), Some(Coding::Gzip)),
            (Some("br;q=0.5, gzip;q=0.9"), Some(Coding::Gzip)),
            (Some("br;q=0, *"), Some(Coding::Zstd)),
            (Some("*;q=0, identity"), Some(Coding::Identity)),
            (Some("identity;q=0, zstd;q=0.1"), Some(Coding::Zstd)),
            (Some("identity;q=0"), None),
            (Some("*;q=0"), None),
            (Some("gzip;q=0.001"), Some(Coding::Gzip)),
            (Some("gzip;q=zero"), Some(Coding::Identity)),
            (Some("identity, gzip;q=0.5"), Some(Coding::Identity)),
            (Some("GZIP;Q=1"), Some(Coding::Gzip)),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(header) = header {
                headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(header));
            }
            assert_eq!(choose(&headers), coding, "{header:?}");
        }
    }
}
