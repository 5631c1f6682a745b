//! The civic register in the layouts of ANNCSU: INDIR (one row an access) and STRAD (one row a street). UTF-8, `;`,
//! decimal comma, no quotes.

use std::fmt::Write;

use super::{COMUNE, ISTAT, ground::to_degrees, streets::EXPONENTS, world::Town};

const INDIR: &str = "CODICE_COMUNE;CODICE_ISTAT;PROGRESSIVO_NAZIONALE;CODICE_COMUNALE;ODONIMO;LOCALITA';DIZIONE_LINGUA1;\
DIZIONE_LINGUA2;PROGRESSIVO_ACCESSO;CODICE_COMUNALE_ACCESSO;CIVICO;ESPONENTE;SPECIFICITA;METRICO;PROGRESSIVO_SNC;\
COORD_X_COMUNE;COORD_Y_COMUNE;QUOTA;METODO\n";
const STRAD: &str = "CODICE_COMUNE;CODICE_ISTAT;PROGRESSIVO_NAZIONALE;CODICE_COMUNALE;ODONIMO;LOCALITA';TOTALE_ACCESSI;\
DIZIONE_LINGUA1;DIZIONE_LINGUA2\n";
const BLOCK: usize = 1 << 20;

pub(super) fn write(town: &Town, sink: &mut dyn FnMut(&str, &[u8])) {
    let mut text = INDIR.to_owned();
    let mut snc = 0;
    for door in &town.doors {
        let street = &town.streets[door.street as usize];
        let point = to_degrees(door.at);
        let number = if door.number == 0 { String::new() } else { door.number.to_string() };
        snc += u32::from(door.number == 0);
        let progressive = if door.number == 0 { snc.to_string() } else { String::new() };
        let (x, y) = (point.lon().to_string().replace('.', ","), point.lat().to_string().replace('.', ","));
        let exponent = EXPONENTS[usize::from(door.exponent)];
        push(
            &mut text,
            format_args!(
                "{COMUNE};{ISTAT};{};;{};{};;;{};;{number};{exponent};;;{progressive};{x};{y};0;4\n",
                street.id.0, street.name, street.locality, door.id.0
            ),
        );
        if text.len() > BLOCK {
            sink("civics/indirizzario.csv", text.as_bytes());
            text.clear();
        }
    }
    sink("civics/indirizzario.csv", text.as_bytes());
    let mut text = STRAD.to_owned();
    for street in &town.streets {
        push(
            &mut text,
            format_args!("{COMUNE};{ISTAT};{};;{};{};{};;\n", street.id.0, street.name, street.locality, street.doors),
        );
    }
    sink("civics/stradario.csv", text.as_bytes());
}

/// Writing into a text cannot fail.
pub(super) fn push(text: &mut String, line: std::fmt::Arguments<'_>) {
    text.write_fmt(line).expect("writing into a text cannot fail");
}
