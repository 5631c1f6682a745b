use std::collections::HashSet;

use jiff::civil::date;
use proptest::prelude::*;

use super::*;

/// Laid out as the shared file: surname, given, sex, birth, place, province, Belfiore code, code, an omocode.
const VECTORS: &str = "\
Rossi;Mario;M;01/01/1980;;;H501;RSSMRA80A01H501U;RSSMRA80A01H50MM
Fo;Bo;M;05/07/1946;;;B005;FOXBOX46L05B005E;
Zanon;Ada;F;02/02/1932;;;L565;ZNNDAA32B42L565R;
Bianchi;Stefania;M;19/02/2010;;;D986;BNCSFN10B19D986B;BNCSFNM0BMVDV8SF
Esposito;Zoé;M;10/07/1922;;;D287;SPSZOE22L10D287V;
De Luca;Ada;F;21/04/1978;;;D710;DLCDAA78D61D710J;
Re;Eva;F;04/09/1914;;;I588;REXVEA14P44I588F;
Iaquinta;Leo;F;27/08/1992;;;I131;QNTLEO92M67I131M;
Ié;Stefania;M;20/11/2026;;;G984;IEXSFN26S20G984G;
D'Angelo;Xhulia;F;18/01/1993;;;D062;DNGXHL93A58D062U;
Cò;Leo;F;07/12/1938;;;Z729;COXLEO38T47Z729L;COXLEO38T47ZTN9T
Müller;Maria Teresa;M;05/07/2024;;;F213;MLLMTR24L05F213Q;
Eu;Ian;F;23/05/1930;;;E441;EUXNIA30E63E441C;
Abd-el-Kader;Leo;F;03/09/1990;;;M007;BDLLEO90P43M007C;
Lo Presti;Ng;F;01/03/1941;;;Z345;LPRNGX41C41Z345Q;
D'Angelo;Aisha;M;11/11/1983;;;H726;DNGSHA83S11H726Q;DNGSHA83SM1HT2SV
Iaquinta;Ettore;F;02/06/1930;;;D198;QNTTTR30H42D198R;QNTTTRP0HQ2DM98R
Bo;Carlo Alberto;M;15/03/2016;;;A300;BOXCLL16C15A300L;
D'Angelo;Io;F;01/02/2004;;;A707;DNGIOX04B41A707Q;
Xu;Gianfranco;M;10/10/1990;;;C876;XUXGFR90R10C876Y;";

/// Every claim about one vector.
fn hold(line: &str) {
    let cells: Vec<&str> = line.split(';').collect();
    let &[surname, given, sex, birth, _, _, belfiore, code, omocode] = cells.as_slice() else { panic!("{line}") };
    let numbers: Vec<i16> = birth.split('/').map(|part| part.parse().unwrap()).collect();
    let birth = date(numbers[2], numbers[1] as i8, numbers[0] as i8);
    let sex = if sex == "F" { Sex::F } else { Sex::M };
    let place: [u8; 4] = belfiore.as_bytes().try_into().unwrap();
    let parsed = CodiceFiscale::parse(code).unwrap_or_else(|error| panic!("{code}: {error}"));
    assert_eq!(CodiceFiscale::derive(surname, given, sex, birth, place), Ok(parsed), "{line}");
    assert_eq!((parsed.sex(), parsed.place(), parsed.base()), (sex, place, parsed), "{line}");
    assert!(parsed.is_birth(birth) && parsed.is_name(surname, given) && !parsed.is_omocode(), "{line}");
    assert_eq!(parsed.birth(birth), birth, "{line}");
    assert!(parsed.birth(date(2026, 12, 31)) >= birth, "{line}");
    if !omocode.is_empty() {
        let other = CodiceFiscale::parse(omocode).unwrap_or_else(|error| panic!("{omocode}: {error}"));
        assert!(other.is_omocode() && other != parsed && other.base() == parsed, "{line}");
        assert_eq!((other.sex(), other.place()), (sex, place), "{line}");
        assert!(other.is_birth(birth) && parsed.omocodes().contains(&other), "{line}");
    }
}

#[test]
fn our_own_vectors_hold() {
    assert_eq!(VECTORS.lines().inspect(|line| hold(line)).count(), 20);
}

#[test]
fn the_shared_vectors_hold() {
    let root =
        std::env::var("ATLANTE_SHARED").unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../shared").into());
    let Ok(text) = std::fs::read_to_string(format!("{root}/data/cf/cf_oracle.csv")) else {
        println!("skipped: data/cf/cf_oracle.csv is not here");
        return;
    };
    assert_eq!(text.lines().skip(1).inspect(|line| hold(line)).count(), 3000);
}

#[test]
fn what_is_no_code_says_why() {
    for (text, error) in [
        ("", InvalidFiscalCode::Length(0)),
        ("RSSMRA80A01H501", InvalidFiscalCode::Length(15)),
        ("RSSMRA80A01H501UU", InvalidFiscalCode::Length(17)),
        ("RSSMRA80A01H501X", InvalidFiscalCode::Check),
        ("R5SMRA80A01H501U", InvalidFiscalCode::Character(2)),
        ("RSSMRA80F01H501U", InvalidFiscalCode::Character(9)),
        ("RSSMRA8AA01H501U", InvalidFiscalCode::Character(8)),
        ("RSSMRÀ80A01H501U", InvalidFiscalCode::Character(6)),
        ("07643520568", InvalidFiscalCode::Check),
        ("00000000000", InvalidFiscalCode::Check),
        ("0764352056A", InvalidFiscalCode::Character(11)),
        ("STP123456789012X", InvalidFiscalCode::Character(16)),
    ] {
        assert_eq!(FiscalCode::parse(text), Err(error), "{text}");
    }
    for day in ["00", "32", "40", "72", "80", "81", "99"] {
        let mut bytes: [u8; 16] = format!("RSSMRA80A{day}H501A").as_bytes().try_into().expect("sixteen");
        bytes[15] = check_letter(&bytes);
        let text = std::str::from_utf8(&bytes).expect("ASCII");
        assert_eq!(FiscalCode::parse(text), Err(InvalidFiscalCode::Date), "{day}");
    }
}

#[test]
fn codes_of_every_kind_are_read_in_any_case_and_spacing() {
    let ordinary = FiscalCode::parse(" rssmra 80a01 h501u ").expect("valid");
    assert_eq!(ordinary.reveal(), "RSSMRA80A01H501U");
    assert!(ordinary.ordinary().is_some());
    // 07643520567 is the Partita IVA that python-stdnum's documentation gives as right.
    assert!(matches!(FiscalCode::parse("0764352056 7"), Ok(FiscalCode::Provisional(_))));
    assert!(matches!(FiscalCode::parse("stp 0301201234567"), Ok(FiscalCode::Stp(_))));
    assert!(matches!(FiscalCode::parse("ENI0301201234567"), Ok(FiscalCode::Stp(_))));
    // Beginning like an STP code does not make one of it.
    let person = CodiceFiscale::derive("Stipo", "Mario", Sex::M, date(1980, 1, 1), *b"H501").expect("derived");
    assert_eq!(FiscalCode::parse(person.reveal()), Ok(FiscalCode::Ordinary(person)));
}

#[test]
fn the_century_follows_the_reference() {
    let code = CodiceFiscale::parse("REXVEA14P44I588F").expect("valid");
    assert_eq!(code.birth(date(2026, 6, 30)), date(2014, 9, 4));
    assert_eq!(code.birth(date(2014, 9, 3)), date(1914, 9, 4));
    assert!(code.is_birth(date(1914, 9, 4)) && code.is_birth(date(2014, 9, 4)) && !code.is_birth(date(1914, 9, 5)));
    let leap = CodiceFiscale::derive("Rossi", "Mario", Sex::M, date(2000, 2, 29), *b"H501").expect("derived");
    assert_eq!(leap.birth(date(2026, 1, 1)), date(2000, 2, 29));
}

#[test]
fn nothing_personal_prints_itself() {
    let code = FiscalCode::parse("RSSMRA80A01H501U").expect("valid");
    assert!(!format!("{code:?} {:?}", code.ordinary()).contains("RSS"));
}

prop_compose! {
    fn any_code()(
        surname in "[A-Za-zàèìòùé' -]{1,20}", given in "[A-Za-zàèìòùé' -]{1,20}", female in any::<bool>(),
        days in 0_i32..44_000, place in "[A-Z][0-9]{3}", mask in 0_usize..128,
    ) -> (CodiceFiscale, Date, Sex) {
        let birth = date(1906, 1, 1).checked_add(jiff::Span::new().days(days)).expect("in range");
        let sex = if female { Sex::F } else { Sex::M };
        let code = CodiceFiscale::derive(&surname, &given, sex, birth, place.as_bytes().try_into().expect("four"));
        (code.expect("derived").omocodes()[mask], birth, sex)
    }
}

proptest! {
    #[test]
    fn reading_undoes_writing((code, birth, sex) in any_code()) {
        prop_assert_eq!(CodiceFiscale::parse(&code.reveal().to_lowercase()), Ok(code));
        prop_assert!(code.is_birth(birth));
        prop_assert_eq!(code.sex(), sex);
    }

    #[test]
    fn the_omocodes_are_128_and_have_one_base((code, ..) in any_code()) {
        let all = code.omocodes();
        prop_assert_eq!(all.iter().collect::<HashSet<_>>().len(), 128);
        prop_assert_eq!(all[0], code.base());
        prop_assert!(all.contains(&code));
        for (mask, other) in all.iter().enumerate() {
            prop_assert_eq!(other.base(), all[0]);
            prop_assert_eq!(other.is_omocode(), mask != 0);
            prop_assert_eq!(CodiceFiscale::parse(other.reveal()), Ok(*other));
        }
    }

    /// At every position the characters allowed there have values that differ modulo 26.
    #[test]
    fn one_changed_character_is_always_caught((code, ..) in any_code(), at in 0_usize..16, to in 0_u8..36) {
        let mut bytes = *code.as_bytes();
        let new = if to < 26 { b'A' + to } else { b'0' + to - 26 };
        prop_assume!(bytes[at] != new);
        bytes[at] = new;
        let text = std::str::from_utf8(&bytes).expect("ASCII");
        prop_assert!(CodiceFiscale::parse(text).is_err());
    }

    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        let _ = FiscalCode::parse(&text);
    }

    #[test]
    fn a_provisional_code_survives_no_changed_digit(body in 0_u64..10_000_000_000, at in 0_usize..11, by in 1_u8..10) {
        let mut digits: [u8; 11] = format!("{body:010}0").as_bytes().try_into().expect("eleven");
        let sum: u32 = (0..10).map(|i| partita_iva_value(i, digits[i])).sum();
        digits[10] = b'0' + ((10 - sum % 10) % 10) as u8;
        prop_assume!(digits != [b'0'; 11]);
        prop_assert!(provisional(digits).is_ok());
        digits[at] = b'0' + (digits[at] - b'0' + by) % 10;
        prop_assert!(provisional(digits).is_err());
    }
}
