use std::{path::PathBuf, time::Instant};

use jiff::civil::date;
use proptest::prelude::*;

use super::{parse::Parser as P, *};
use crate::{
    domain::{
        household::Kinship,
        person::Residence,
        record::{BirthEvidence, WrittenAddress, WrittenName},
    },
    ingest::sheet::{self, Limits},
};

/// The folder of shared data, where it is.
fn shared() -> Option<PathBuf> {
    let root = std::env::var_os("ATLANTE_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let data = root.join("data");
    if !data.is_dir() {
        say("skipped: the shared data are not here");
        return None;
    }
    Some(data)
}

fn say(text: &str) {
    eprintln!("{text}");
}

#[test]
fn every_row_of_both_towns_becomes_a_record_or_a_reject() {
    let Some(data) = shared() else { return };
    for town in ["lamezia", "anagni"] {
        for bank in BankKind::ALL {
            let name = format!("{bank}.csv");
            let bytes = std::fs::read(data.join(town).join("banks").join(&name)).unwrap();
            let truth = std::fs::read_to_string(data.join(town).join("truth").join(&name)).unwrap();
            let rows = truth.lines().count() - 1;
            let start = Instant::now();
            let mut sheet = sheet::open(&name, &bytes, &Limits::default()).unwrap();
            let reader = Reader::new(bank, sheet.file(), sheet.header()).unwrap();
            let (mut records, mut rejects, mut warnings) = (0, Vec::new(), Vec::new());
            while let Some(chunk) = sheet.next_chunk(10_000).unwrap() {
                let reading = reader.read(&chunk.batch);
                records += reading.records.len();
                rejects.extend(chunk.rejects);
                rejects.extend(reading.rejects);
                warnings.extend(reading.warnings);
            }
            let rate = rows as f64 / start.elapsed().as_secs_f64();
            say(&format!(
                "{town} {bank}: {rows} rows, {records} records, {} rejects, {} warnings, {rate:.0} rows/s {:?} {:?}",
                rejects.len(),
                warnings.len(),
                rejects.first(),
                warnings.first(),
            ));
            assert_eq!(records + rejects.len(), rows, "{town} {bank}");
            assert_eq!(sheet.rows() as usize, rows, "{town} {bank}");
        }
    }
}

/// `ATLANTE_FIGURE=path cargo test --release -- a_million --nocapture`
#[test]
fn a_million_rows() {
    let Some(path) = std::env::var_os("ATLANTE_FIGURE") else { return say("skipped: ATLANTE_FIGURE names no file") };
    let bytes = std::fs::read(path).unwrap();
    let start = Instant::now();
    let mut sheet = sheet::open("anagrafe.csv", &bytes, &Limits::default()).unwrap();
    let opened = start.elapsed();
    let reader = Reader::new(BankKind::Anagrafe, sheet.file(), sheet.header()).unwrap();
    let (mut cutting, mut reading, mut packing, mut records) = (0.0, 0.0, 0.0, 0);
    loop {
        let at = Instant::now();
        let Some(chunk) = sheet.next_chunk(20_000).unwrap() else { break };
        cutting += at.elapsed().as_secs_f64();
        let at = Instant::now();
        records += reader.read(&chunk.batch).records.len();
        reading += at.elapsed().as_secs_f64();
        let at = Instant::now();
        let packed = chunk.batch.encode();
        assert_eq!(Batch::decode(&packed).unwrap().len(), chunk.batch.len());
        packing += at.elapsed().as_secs_f64();
    }
    say(&format!(
        "{records} records: survey {opened:?}, rows {cutting:.2} s, records {reading:.2} s, encode+decode {packing:.2} s"
    ));
}

const ANAGRAFE: &str = "codice_famiglia;codice_fiscale;cognome;nome;sesso;data_nascita;codice_luogo_nascita;cittadinanza;\
                        legame;specie;denominazione;civico;esponente;scala;interno;data_residenza;stato\n";

fn reading(bank: BankKind, text: &str) -> Result<Reading, Error> {
    let mut sheet = sheet::open("bank.csv", text.as_bytes(), &Limits::default())?;
    let reader = Reader::new(bank, sheet.file(), sheet.header())?;
    let mut whole = Reading::default();
    while let Some(chunk) = sheet.next_chunk(100)? {
        let part = reader.read(&chunk.batch);
        whole.records.extend(part.records);
        whole.rejects.extend(chunk.rejects);
        whole.rejects.extend(part.rejects);
        whole.warnings.extend(part.warnings);
    }
    Ok(whole)
}

fn birth(parser: P, cell: &str) -> Result<BirthEvidence, &'static str> {
    parser.read(cell).map(|value| match value {
        draft::Written::Birth(birth) => birth,
        _ => panic!("not a birth"),
    })
}

fn whole(parser: P, cell: &str) -> Result<i64, &'static str> {
    parser.read(cell).map(|value| match value {
        draft::Written::Whole(number) => number,
        _ => panic!("not a number"),
    })
}

#[test]
fn a_row_of_the_registry_becomes_a_record() {
    let row = "F1; lru rld75r20h834c ;LURIA;ERALDO;M;20/10/1975;h834;Città d'Italia;IS;VIA;GRANDINETTI;2;A;B;14;NULL;RESIDENTE\n";
    let reading = reading(BankKind::Anagrafe, &format!("{ANAGRAFE}{row}")).unwrap();
    assert_eq!((reading.rejects, reading.warnings), (vec![], vec![]));
    let record = &reading.records[0];
    assert_eq!((record.row, record.group.as_deref()), (1, Some("F1")));
    assert!(matches!(record.identity.code, CodeEvidence::Valid(code) if code.reveal() == "LRURLD75R20H834C"));
    assert_eq!(record.identity.birth, Some(BirthEvidence { date: date(1975, 10, 20), other: None }));
    assert_eq!(record.identity.birth_place, Some(*b"H834"));
    let Some(WrittenName::Parts { surname, given }) = record.identity.name.as_deref() else { panic!() };
    assert_eq!((surname.reveal(), given.reveal()), ("LURIA", "ERALDO"));
    let Some(WrittenAddress::Parts(parts)) = record.address.as_deref() else { panic!() };
    assert_eq!(
        (parts.name.reveal(), parts.exponent.reveal(), parts.interior.reveal()),
        ("GRANDINETTI", "A", "scala B interno 14")
    );
    let Fact::Registration { kinship, residence, citizenship, since } = &record.fact else { panic!() };
    assert_eq!(
        (*kinship, *residence, &**citizenship, *since),
        (Kinship::Head, Residence::Resident, "CITTA D ITALIA", None)
    );
    assert!(!format!("{record:?}").contains("LURIA"), "a record does not print who it is about");
}

#[test]
fn bad_cells_reject_or_warn_as_the_table_says_and_never_repeat_what_was_written() {
    let secret = "SEGRETO";
    let row = |birth: &str, state: &str| {
        format!("F1;LRURLD75R20H834C;{secret};ERALDO;M;{birth};H834;Italia;IS;VIA;GRANDINETTI;2;;;;;{state}\n")
    };
    let text =
        format!("{ANAGRAFE}{}{}{}", row("31/02/1975", "RESIDENTE"), row("20/10/1975", secret), row("20/10/1975", ""));
    let reading = reading(BankKind::Anagrafe, &text).unwrap();
    assert_eq!((reading.records.len(), reading.rejects.len(), reading.warnings.len()), (1, 2, 1));
    assert_eq!(reading.warnings[0].to_string(), "bank.csv, row 1, column data_nascita: is a day that no calendar has");
    assert_eq!(reading.rejects[1].to_string(), "bank.csv, row 3, column stato: is empty");
    for reject in reading.rejects.iter().chain(&reading.warnings) {
        assert!(!reject.to_string().contains(secret), "{reject}");
    }
    let benefits = "codice_fiscale;codice_prestazione;descrizione;importo_mensile;dal;al\n\
                    LRURLD75R20H834C;ADI;x;751,88;01/05/2025;\nLRURLD75R20H834C;ADI;x;751,88;01/05/2025;boh\n";
    let reading = self::reading(BankKind::PrestazioniInps, benefits).unwrap();
    assert_eq!((reading.records.len(), reading.rejects.len()), (1, 1), "an unreadable end is not a running benefit");
    assert_eq!(reading.rejects[0].column.as_deref(), Some("al"));
}

#[test]
fn another_bank_is_named_and_a_wrong_separator_too() {
    let tari =
        "codice_utente;intestatario;codice_fiscale;ubicazione;mq;occupanti;insoluto\nU1;A B;;VIA ROMA 1;10;1;0,00\n";
    let error = reading(BankKind::Anagrafe, tari).unwrap_err().to_string();
    assert!(
        error.contains("anagrafe") && error.contains("CODICE FAMIGLIA") && error.contains("looks like tari"),
        "{error}"
    );
    let error = reading(BankKind::Tari, &tari.replace(';', "^")).unwrap_err().to_string();
    assert!(error.contains("single column"), "{error}");
    let error = reading(BankKind::Tari, "U1;ROSSI MARIO;;VIA ROMA 1;10;1;0,00\n").unwrap_err().to_string();
    assert!(!error.contains("ROSSI"), "a file without header does not print its first row: {error}");
    // Columns in another order and another spelling, and one that nobody knows.
    let turned =
        "INSOLUTO,Ubicazione,note,MQ,occupanti,Codice Fiscale,intestatario\n\"1.234,5\",VIA ROMA 1,x,10,1,,A B\n";
    let reading = reading(BankKind::Tari, turned).unwrap();
    assert!(matches!(reading.records[0].fact, Fact::WasteTax { area_m2: 10, occupants: 1, arrears: 123_450 }));
    let old = "protocollo_dsu;data_presentazione;data_scadenza;tipo;codice_fiscale_dichiarante;isr;isp;ise;scala_equivalenza;isee\n\
               P1;18/04/2025;31/12/2025;ordinario;LRURLD75R20H834C;24343,63;6266,08;25596,84;2,46;10405,22\n";
    let reading = self::reading(BankKind::IseeAttestazioni, old).unwrap();
    assert!(matches!(
        reading.records[0].fact,
        Fact::IseeStatement { isee: 1_040_522, isee_inclusione: None, scale: 246, isr: 2_434_363, isp: 626_608, .. }
    ));
}

#[test]
fn dates_are_read_in_every_form() {
    for (cell, year, month, day) in [
        ("20/10/1975", 1975, 10, 20),
        ("1975-10-20", 1975, 10, 20),
        ("20-10-75", 1975, 10, 20),
        ("20.10.1975", 1975, 10, 20),
        ("2/1/1975", 1975, 1, 2),
        ("19751020", 1975, 10, 20),
        ("20/10/1975 00:00:00", 1975, 10, 20),
        ("1975-10-20T00:00:00", 1975, 10, 20),
        ("28-08-11", 2011, 8, 28),
        ("29/02/2024", 2024, 2, 29),
    ] {
        assert_eq!(birth(P::Birth, cell).map(|birth| birth.date), Ok(date(year, month, day)), "{cell}");
    }
    for cell in [
        "29/02/2023",
        "0/1/1975",
        "1/13/1975",
        "20/10",
        "20/10/19750",
        "a/b/c",
        "////",
        "1975-10-20-1",
        "31/12/1700",
        "20/10/975",
        "é/1/75",
    ] {
        assert!(birth(P::Birth, cell).is_err(), "{cell}");
    }
    let other = |parser, cell| birth(parser, cell).unwrap().other;
    assert_eq!(other(P::BirthSwapped, "05/09/1928"), Some(date(1928, 5, 9)));
    assert_eq!(other(P::Birth, "05/09/1928"), None);
    assert_eq!(other(P::BirthSwapped, "09/09/1928"), None);
    assert_eq!(other(P::BirthSwapped, "28-08-11"), Some(date(1911, 8, 28)));
    assert_eq!(birth(P::BirthSwapped, "08/28/1930").unwrap().date, date(1930, 8, 28));
}

#[test]
fn amounts_are_read_to_the_cent() {
    for (cell, cents) in [
        ("24343,63", 2_434_363),
        ("1.234,56", 123_456),
        ("1.234.567,8", 123_456_780),
        ("1'234,5", 123_450),
        ("1234.56", 123_456),
        ("1234.5", 123_450),
        ("1.234", 123_400),
        ("1.234.567", 123_456_700),
        ("0,00", 0),
        ("-12,30", -1230),
        ("€ 12", 1200),
        ("12 €", 1200),
        ("10459", 1_045_900),
        ("0,005", 1),
        (",5", 50),
    ] {
        assert_eq!(whole(P::Amount, cell), Ok(cents), "{cell}");
    }
    for cell in ["", "x", "1,2,3x", "12e5", "--1", "€", "1,5a", "99999999999999999999", "NaN", "0x10", "1;2"] {
        assert!(whole(P::Amount, cell).is_err(), "{cell}");
    }
    assert_eq!(whole(P::Whole(100), "100"), Ok(100));
    assert!(["101", "-1", "1,5", "x"].iter().all(|cell| whole(P::Whole(100), cell).is_err()));
}

#[test]
fn placeholders_are_missing() {
    for cell in ["", "-", "--", "NULL", "null", "n.d.", "N.D.", "nd", "...", "#N/D", "****"] {
        assert!(parse::is_missing(cell), "{cell}");
        assert!(matches!(code_evidence(cell), CodeEvidence::Missing), "{cell}");
    }
    for cell in ["NA", "0", "NO", "NAN", "N", "ND1"] {
        assert!(!parse::is_missing(cell), "{cell}");
    }
    assert!(
        matches!(code_evidence("lrurld75r20h834x"), CodeEvidence::Broken(code) if code.reveal() == "LRURLD75R20H834X")
    );
}

/// Tables are data: their names are folded, distinct, and every parser gives what the field takes.
#[test]
fn the_tables_are_sound() {
    for bank in BankKind::ALL {
        assert_eq!(mapping(bank).bank, bank);
        for table in mapping(bank).tables {
            for (index, column) in table.columns.iter().enumerate() {
                assert_eq!(fold(column.name), column.name, "{bank}");
                let before = &table.columns[..index];
                assert!(
                    before.iter().all(|other| other.name != column.name && other.field != column.field),
                    "{bank} {}",
                    column.name
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_cell_is_read_or_refused(cell in "\\PC{0,24}|[0-9/.,€ -]{0,14}") {
        for parser in [
            P::Text, P::Day, P::Birth, P::BirthSwapped, P::Amount, P::Hundredths, P::Whole(100), P::Year, P::Flag, P::Sex,
            P::Place, P::Kinship, P::Residence, P::Role, P::Severity,
        ] {
            let _ = parser.read(cell.trim());
        }
        let _ = code_evidence(&cell);
    }

    #[test]
    fn cents_survive_italian_writing(cents in 0_i64..1_000_000_000_000) {
        let (units, rest) = (cents / 100, cents % 100);
        let digits = units.to_string();
        let mut dotted = String::new();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index) % 3 == 0 {
                dotted.push('.');
            }
            dotted.push(digit);
        }
        prop_assert_eq!(whole(P::Amount, &format!("{units},{rest:02}")), Ok(cents));
        prop_assert_eq!(whole(P::Amount, &format!("{dotted},{rest:02}")), Ok(cents));
        prop_assert_eq!(whole(P::Amount, &format!("{units}.{rest:02}")), Ok(cents));
    }

    #[test]
    fn a_day_survives_every_form(day in 0_i32..60_000) {
        let day = date(1900, 1, 1).checked_add(jiff::Span::new().days(day)).unwrap();
        for form in ["%d/%m/%Y", "%Y-%m-%d", "%d.%m.%Y", "%d-%m-%Y"] {
            prop_assert_eq!(birth(P::Birth, &day.strftime(form).to_string()).unwrap().date, day);
        }
        let short = birth(P::Birth, &day.strftime("%d-%m-%y").to_string());
        if day.year() >= 1927 && day.year() <= 2026 {
            prop_assert_eq!(short.unwrap().date, day);
        }
    }

    /// Rows of any content, in any bank: each becomes a record or a reject.
    #[test]
    fn every_row_is_counted(rows in prop::collection::vec(prop::collection::vec("[A-Z0-9/,. -]{0,10}", 17), 1..20), bank in 0_usize..10) {
        let bank = BankKind::ALL[bank];
        let header: Vec<String> = mapping(bank).tables[0].columns.iter().map(|column| column.name.to_lowercase()).collect();
        let mut batch = Batch::new(header);
        for (number, row) in (1..).zip(&rows) {
            batch.push(number, row.iter().map(String::as_str));
        }
        let reading = read(bank, "t.csv", &batch).unwrap();
        prop_assert_eq!(reading.records.len() + reading.rejects.len(), rows.len());
    }
}
