//! The words of a sheet in both languages, and numbers and days as they are written there.

use jiff::civil::{Date, Weekday};

use crate::access::sheet::Tongue;

macro_rules! words {
    ($($name:ident: $italian:literal, $english:literal;)*) => {
        /// The words of a sheet.
        pub(super) struct Words {
            pub(super) tongue: Tongue,
            $(pub(super) $name: &'static str,)*
        }

        impl Words {
            /// In that language.
            pub(super) const fn of(tongue: Tongue) -> Self {
                match tongue {
                    Tongue::Italian => Self { tongue, $($name: $italian,)* },
                    Tongue::English => Self { tongue, $($name: $english,)* },
                }
            }
        }
    };
}

words! {
    sheet: "Foglio di giro", "Run sheet";
    sheets: "Fogli di giro", "Run sheets";
    run: "Giro", "Run";
    runs: "giri", "runs";
    run_one: "giro", "run";
    crew: "Squadra", "Crew";
    from_depot: "Partenza da", "Starts from";
    depart: "partenza", "leaves";
    back: "rientro", "back";
    stops: "fermate", "stops";
    stop_one: "fermata", "stop";
    kits: "kit", "kits";
    kit_one: "kit", "kit";
    distance: "di strada", "of road";
    duration: "in tutto", "in all";
    load: "Da caricare", "To load";
    trips: "viaggi: si ricarica al deposito", "trips: loads again at the depot";
    plan: "Piano", "Plan";
    version: "versione", "version";
    data: "dati", "data";
    page: "pagina", "page";
    page_of: "di", "of";
    no: "N.", "No.";
    time: "Arrivo", "Arrival";
    place: "Dove e che cosa", "Where and what";
    outcome: "Com’è andata", "How it went";
    navigate: "Naviga", "Navigate";
    window: "finestra", "window";
    any_time: "a ogni ora", "at any time";
    eta: "arrivo", "arrival";
    member_one: "persona", "person";
    members: "persone", "people";
    access: "Accesso", "Access";
    on_foot: "a piedi", "on foot";
    from_road: "dalla strada", "from the road";
    needs: "Serve", "Needs";
    note: "Nota", "Note";
    how_many: "n.", "no.";
    left_at: "Partenza ore", "Left at";
    back_at: "Rientro ore", "Back at";
    km: "km percorsi", "km driven";
    road: "strada", "road";
    leader: "Capo squadra (firma)", "Crew leader (signature)";
    return_it: "Contiene indirizzi di persone: a fine turno si riconsegna alla centrale. Non fotografare, non diffondere.",
        "Holds people’s addresses: hand it back to the control room after the shift. Do not photograph or share.";
    map_of: "Mappa del giro", "Map of the run";
    overview: "Mappa dei giri", "Map of the runs";
    north: "N", "N";
    start: "P", "S";
    empty: "Nessuna fermata in questo giro.", "No stops in this run.";
    none: "Il piano non ha giri.", "The plan has no runs.";
    code_of: "Codice QR della posizione", "QR code of the place";
}

impl Words {
    /// A length: `8,4 km`, `350 m`.
    pub(super) fn length(&self, metres: u32) -> String {
        if metres < 950 {
            return format!("{} m", (metres + 5) / 10 * 10);
        }
        let km = f64::from(metres) / 1_000.0;
        let text = if km < 99.5 { format!("{km:.1}") } else { format!("{km:.0}") };
        format!("{} km", self.decimal(text))
    }

    /// How far one walks from the road: `a piedi 340 m dalla strada`.
    pub(super) fn walk(&self, metres: u32) -> String {
        format!("{} {} {}", self.on_foot, self.length(metres), self.from_road)
    }

    /// A day: `martedì 24 novembre 2026`.
    pub(super) fn day(&self, day: Date) -> String {
        let month = self.tongue.of(MONTHS[day.month() as usize - 1].0, MONTHS[day.month() as usize - 1].1);
        format!("{} {} {month} {}", self.weekday(day.weekday()), day.day(), day.year())
    }

    /// A need as people say it.
    pub(super) fn need<'a>(&self, key: &'a str) -> std::borrow::Cow<'a, str> {
        match key {
            "cold-chain" | "cold_chain" => self.tongue.of("catena del freddo", "cold chain").into(),
            other => other.replace(['-', '_'], " ").into(),
        }
    }

    fn decimal(&self, text: String) -> String {
        match self.tongue {
            Tongue::Italian => text.replace('.', ","),
            Tongue::English => text,
        }
    }

    const fn weekday(&self, day: Weekday) -> &'static str {
        let (italian, english) = match day {
            Weekday::Monday => ("lunedì", "Monday"),
            Weekday::Tuesday => ("martedì", "Tuesday"),
            Weekday::Wednesday => ("mercoledì", "Wednesday"),
            Weekday::Thursday => ("giovedì", "Thursday"),
            Weekday::Friday => ("venerdì", "Friday"),
            Weekday::Saturday => ("sabato", "Saturday"),
            Weekday::Sunday => ("domenica", "Sunday"),
        };
        self.tongue.of(italian, english)
    }
}

/// A span: `3 h 42 min`.
pub(super) fn span(seconds: u32) -> String {
    let minutes = (seconds + 30) / 60;
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes:02} min"),
    }
}

/// A day as it is written in files.
pub(super) fn day_iso(day: Date) -> String {
    day.to_string()
}

const MONTHS: [(&str, &str); 12] = [
    ("gennaio", "January"),
    ("febbraio", "February"),
    ("marzo", "March"),
    ("aprile", "April"),
    ("maggio", "May"),
    ("giugno", "June"),
    ("luglio", "July"),
    ("agosto", "August"),
    ("settembre", "September"),
    ("ottobre", "October"),
    ("novembre", "November"),
    ("dicembre", "December"),
];
