use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;
use zip::{ZipWriter, write::SimpleFileOptions};

use super::*;

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn utf16(text: &str, little: bool, mark: bool) -> Vec<u8> {
    let mark = if mark { "\u{feff}" } else { "" };
    let units = mark.encode_utf16().chain(text.encode_utf16());
    units.flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
}

fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|c| c as u8).collect()
}

type Rows = Vec<(u32, Vec<String>)>;

/// Header, good rows, rejects.
fn all(bytes: &[u8]) -> Result<(Vec<String>, Rows, Vec<Reject>), Error> {
    all_within(bytes, &Limits::default())
}

fn all_within(bytes: &[u8], limits: &Limits) -> Result<(Vec<String>, Rows, Vec<Reject>), Error> {
    let mut sheet = open("t.csv", bytes, limits)?;
    let (mut rows, mut rejects) = (Vec::new(), Vec::new());
    while let Some(chunk) = sheet.next_chunk(3)? {
        rows.extend(chunk.batch.rows().map(|row| (row.row, row.cells().map(str::to_owned).collect())));
        rejects.extend(chunk.rejects);
    }
    assert_eq!(rows.len() + rejects.len(), sheet.rows() as usize);
    Ok((sheet.header().to_vec(), rows, rejects))
}

fn good(bytes: &[u8]) -> Vec<Vec<String>> {
    let (header, rows, rejects) = all(bytes).unwrap();
    assert_eq!(rejects, []);
    std::iter::once(header).chain(rows.into_iter().map(|(_, cells)| cells)).collect()
}

fn refusal(bytes: &[u8]) -> String {
    match all(bytes) {
        Ok(_) => panic!("should be refused"),
        Err(error) => error.to_string(),
    }
}

const TABLE: &str = "nome;città;nota\nDALLAPÈ;Forlì;à\nROSSI;Cefalù;\"a;b\"\nBÈ;;\"due\nrighe \"\"qui\"\"\"\n";

fn table() -> Vec<Vec<String>> {
    let rows: [[&str; 3]; 4] = [
        ["nome", "città", "nota"],
        ["DALLAPÈ", "Forlì", "à"],
        ["ROSSI", "Cefalù", "a;b"],
        ["BÈ", "", "due\nrighe \"qui\""],
    ];
    rows.map(|row| row.map(str::to_owned).to_vec()).to_vec()
}

#[test]
fn every_encoding_gives_the_same_table() {
    let text = TABLE;
    let encoded: Vec<Vec<u8>> = vec![
        text.as_bytes().to_vec(),
        [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        latin1(text),
        utf16(text, true, true),
        utf16(text, false, true),
        utf16(text, true, false),
        utf16(text, false, false),
    ];
    for (index, bytes) in encoded.iter().enumerate() {
        assert_eq!(good(bytes), table(), "encoding {index}");
        assert_eq!(good(&gz(bytes)), table(), "encoding {index}, gzip");
        assert_eq!(good(&zipped(&[("a/b/x.csv", bytes)])), table(), "encoding {index}, zip");
    }
}

#[test]
fn the_encoding_is_decided_on_the_whole_file() {
    let mut bytes = b"a;b\n".to_vec();
    for _ in 0..200_000 {
        bytes.extend_from_slice(b"VIA ROMA;plain\n");
    }
    bytes.extend_from_slice(&latin1("necessità;x\n"));
    let (_, rows, rejects) = all(&bytes).unwrap();
    assert!(rejects.is_empty());
    assert_eq!(rows[200_000], (200_001, vec!["necessità".to_owned(), "x".to_owned()]));
    // The euro and the curly apostrophe of Windows-1252.
    assert_eq!(good(b"a;b\n\x80;dell\x92acqua\n")[1], ["€", "dell’acqua"]);
    // A letter torn at the end of UTF-8 is damage, not another encoding.
    let torn = [TABLE.as_bytes(), b"x;y;\xc3"].concat();
    let (_, rows, rejects) = all(&torn).unwrap();
    assert_eq!((rows.len(), rejects.len(), rejects[0].row), (3, 1, 4));
    assert_eq!(rejects[0].column.as_deref(), Some("nota"));
}

#[test]
fn every_separator_and_line_end_is_told() {
    for separator in [";", ",", "\t", "|"] {
        for end in ["\n", "\r\n", "\r"] {
            let text = format!("a;b c;d{end}1;x y;{end};\"p{separator}q\";z{end}").replace(';', separator);
            let rows = good(text.as_bytes());
            assert_eq!(rows[2], ["", &format!("p{separator}q"), "z"], "{separator:?} {end:?}");
        }
    }
    // Mixed ends, blank lines, no end at all.
    assert_eq!(good(b"a;b\r\n1;2\n\n\r\n3;4\r\n5;6").len(), 4);
    // Decimal commas do not make a comma table.
    assert_eq!(good(b"a;b\n1,5;2,5\n3,5;4,5\n")[1], ["1,5", "2,5"]);
    // Commas in a quoted header do not make a semicolon table one of commas.
    assert_eq!(good(b"\"a;x\",b\n1,2\n")[0], ["a;x", "b"]);
    // A table of one column.
    assert_eq!(good("indirizzo\nVIA ROMA, 3\nVIA MILANO\n".as_bytes())[1], ["VIA ROMA, 3"]);
}

#[test]
fn ragged_rows_are_rejected_and_the_rest_goes_on() {
    let (_, rows, rejects) = all(b"a;b;c\n1;2;3\n1;2\n1;2;3;4\n1;2;3;;\n5;6;7\n").unwrap();
    assert_eq!(rows.iter().map(|row| row.0).collect::<Vec<_>>(), [1, 4, 5]);
    assert_eq!(rejects.iter().map(|r| r.row).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(rejects[0].to_string(), "t.csv, row 2: the row has 2 cells, the header 3");
    // A header with an empty name at its end, as STRAD has.
    let (header, rows, rejects) = all(b"a;b;\n1;2;\n1;2\n1;2;3\n").unwrap();
    assert_eq!(header, ["a", "b", "column 3"]);
    assert_eq!((rows.len(), rejects.len()), (3, 0));
}

#[test]
fn an_open_quote_costs_its_own_line_only() {
    let text = format!("a;b\n1;2\n\"3;4\n{}", "5;x\n".repeat(2000));
    let (_, rows, rejects) = all(text.as_bytes()).unwrap();
    assert_eq!((rows.len(), rejects.len()), (2001, 1));
    assert_eq!(rejects[0].to_string(), "t.csv, row 2: a quote is opened and not closed");
    // Two of them near each other join rows that do not fit: again one line each.
    let (_, rows, rejects) = all(b"a;b\n\"1;2\n3;4\n5;\"6\n7;8\n").unwrap();
    assert_eq!((rows.len(), rejects.len()), (2, 2));
    // Quotes inside a cell are text.
    assert_eq!(good(b"a;b\nVIA \"ROMA\" 3;x\n")[1], ["VIA \"ROMA\" 3", "x"]);
}

#[test]
fn headers_are_checked_without_repeating_what_they_say() {
    assert!(refusal(b"a;b;a\n1;2;3\n").contains("columns 1 and 3 have the same name"));
    assert!(refusal(b"a;;c\n1;2;3\n").contains("column 2 has no name"));
    assert!(refusal(b";;\n1;2;3\n").contains("the header is empty"));
    assert!(refusal(b"").contains("empty"));
    assert!(refusal(b"\xef\xbb\xbf").contains("empty"));
    assert!(refusal(b"\n\r\n\n").contains("no header"));
    assert!(refusal(b"\"a;b\n1;2\n").contains("quote"));
    let names: Vec<String> = (0..100_000).map(|i| format!("c{i}")).collect();
    let wide = format!("{}\n{}\n", names.join(";"), "1;".repeat(99_999));
    assert!(refusal(wide.as_bytes()).contains("number of columns"), "{}", refusal(wide.as_bytes()));
    assert_eq!(all(b"a;b\n").unwrap().1, []);
}

#[test]
fn what_is_no_table_is_named() {
    let binary: Vec<u8> = (0..10_000_u32).map(|i| (i * 7 % 256) as u8).collect();
    for (bytes, word) in [
        (binary.as_slice(), "binary"),
        (b"%PDF-1.7\n".as_slice(), "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".as_slice(), "old Excel"),
        (b"SQLite format 3\0".as_slice(), "SQLite"),
        (b"PK\x03\x04garbage".as_slice(), "directory"),
        (b"\x1f\x8b\x08garbage".as_slice(), "compressed"),
    ] {
        let text = refusal(bytes);
        assert!(text.contains(word), "{word}: {text}");
    }
    let whole = gz(TABLE.repeat(1000).as_bytes());
    assert!(refusal(&whole[..whole.len() / 2]).contains("truncated"));
    // A zero byte far from the beginning spoils its row only.
    let text = format!("a;b\n{}x\0y;z\n1;2\n", "1;2\n".repeat(5000));
    let (_, rows, rejects) = all(text.as_bytes()).unwrap();
    assert_eq!((rows.len(), rejects.len(), rejects[0].row), (5001, 1, 5001));
}

#[test]
fn large_cells_are_rejected_and_memory_stays_small() {
    let mut bytes = b"a;b\n1;2\n3;".to_vec();
    bytes.resize(bytes.len() + (10 << 20), b'x');
    bytes.extend_from_slice(b"\n5;6\n\"");
    bytes.resize(bytes.len() + (10 << 20), b'y');
    bytes.extend_from_slice(b"\";8\n9;10\n11;");
    bytes.resize(bytes.len() + (2 << 20), b'z');
    bytes.extend_from_slice(b"\n13;14\n");
    let (_, rows, rejects) = all(&bytes).unwrap();
    assert_eq!(rows.iter().map(|row| row.0).collect::<Vec<_>>(), [1, 3, 5, 7]);
    assert_eq!(rejects.iter().map(|r| r.row).collect::<Vec<_>>(), [2, 4, 6]);
    assert!(rejects[2].reason.contains("longer than"));
    let limits = Limits { rows: 2, ..Limits::default() };
    assert!(all_within(b"a;b\n1;2\n3;4\n", &limits).is_ok());
    assert!(all_within(b"a;b\n1;2\n3;4\n5;6\n", &limits).is_err());
}

#[test]
fn bombs_are_refused() {
    let zeros = vec![b'0'; 64 << 20];
    for bomb in [gz(&zeros), zipped(&[("bomb.csv", &zeros)]), gz(&gz(&zeros)), zipped(&[("a.csv", &gz(&zeros))])] {
        assert!(bomb.len() < 1 << 20);
        let text = refusal(&bomb);
        assert!(text.contains("limit") || text.contains("archive inside"), "{text}");
    }
    let limits = Limits { bytes: 1000, ..Limits::default() };
    let long = "a;b\n".repeat(1000);
    assert!(matches!(all_within(long.as_bytes(), &limits), Err(Error::TooLarge { .. })));
    let many: Vec<(String, &[u8])> = (0..5000).map(|i| (format!("{i}.csv"), b"a".as_slice())).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
    assert!(refusal(&zipped(&many)).contains("number of files"));
}

#[test]
fn hostile_archives_are_refused() {
    let table = TABLE.as_bytes();
    for name in ["../x.csv", "/etc/x.csv", "a/../../x.csv", "..\\x.csv", "C:x.csv"] {
        let text = refusal(&zipped(&[(name, table)]));
        assert!(text.contains("leads out"), "{name}: {text}");
    }
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.add_symlink("x.csv", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    let link = writer.finish().unwrap().into_inner();
    assert!(refusal(&link).contains("symbolic link"));
    assert!(refusal(&zipped(&[])).contains("holds no file"));
    assert!(refusal(&zipped(&[("a.csv", table), ("b.csv", table)])).contains("2 files"));
    assert!(refusal(&zipped(&[("content.xml", b"<x/>")])).contains("OpenDocument"));
    assert_eq!(good(&zipped(&[("__MACOSX/._a.csv", b"x"), ("d/a.csv", table)])), self::table());
    // Two entries of the directory that share their bytes: the second header is patched to point at the first.
    let mut overlap = zipped(&[("a.csv", table), ("b.csv", table)]);
    let central: Vec<usize> =
        overlap.windows(4).enumerate().filter(|(_, w)| w == b"PK\x01\x02").map(|(i, _)| i).collect();
    overlap[central[1] + 42..central[1] + 46].copy_from_slice(&0_u32.to_le_bytes());
    assert!(open_all("t.zip", &overlap, &Limits::default()).is_err());
    // A wrong check sum.
    let mut damaged = zipped(&[("a.csv", table)]);
    let at = damaged.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    damaged[at + 16] ^= 1;
    assert!(refusal(&damaged).contains("damaged"));
}

/// A workbook with one hidden sheet and one of these rows.
fn workbook(rows: &str) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let book = format!(
        r#"<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="no" sheetId="1" state="hidden" r:id="r1"/>
        <sheet name="dati" sheetId="2" r:id="r2"/></sheets></workbook>"#
    );
    let relations = format!(
        r#"<Relationships xmlns="{package}"><Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>
        <Relationship Id="r2" Type="{office}/worksheet" Target="worksheets/sheet2.xml"/>
        <Relationship Id="r3" Type="{office}/styles" Target="styles.xml"/></Relationships>"#
    );
    let styles = format!(
        r#"<styleSheet xmlns="{main}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>"#
    );
    let sheet = |rows: &str| format!(r#"<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>"#);
    let hidden = sheet(r#"<row r="1"><c r="A1"><v>1</v></c></row>"#);
    zipped(&[
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", relations.as_bytes()),
        ("xl/styles.xml", styles.as_bytes()),
        ("xl/worksheets/sheet1.xml", hidden.as_bytes()),
        ("xl/worksheets/sheet2.xml", sheet(rows).as_bytes()),
    ])
}

#[test]
fn a_workbook_is_read_as_the_csv_it_could_have_been() {
    let rows = r#"<row r="2"><c r="A2" t="inlineStr"><is><t>nome</t></is></c><c r="B2" t="inlineStr"><is><t>importo</t></is></c>
        <c r="C2" t="inlineStr"><is><t>data</t></is></c><c r="D2" t="inlineStr"><is><t>fl</t></is></c></row>
        <row r="3"><c r="A3" t="inlineStr"><is><t>FO&#192;; "x"</t></is></c><c r="B3"><v>1234.5</v></c><c r="C3" s="1"><v>27687</v></c><c r="D3" t="b"><v>1</v></c></row>
        <row r="5"><c r="B5"><v>7</v></c></row><row r="6"><c r="A6"><v></v></c></row>"#;
    let (header, rows, rejects) = all(&workbook(rows)).unwrap();
    assert_eq!(header, ["nome", "importo", "data", "fl"]);
    assert_eq!(rows[0].1, ["FOÀ; \"x\"", "1234,5", "1975-10-20", "S"]);
    // A row that ends early in a workbook has empty cells, not missing ones.
    assert_eq!((rows.len(), rejects.len()), (2, 0));
    assert_eq!(rows[1].1, ["", "7", "", ""]);
    let far = r#"<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>"#;
    assert!(refusal(&workbook(far)).contains("columns"));
    let bomb = format!(r#"<row r="1"><c r="A1" t="inlineStr"><is><t>{}</t></is></c></row>"#, "a".repeat(64 << 20));
    assert!(refusal(&workbook(&bomb)).contains("limit"));
    assert!(refusal(&workbook("")).contains("no cells"));
    let whole = workbook(far);
    for cut in (0..whole.len()).step_by(7) {
        let _ = all(&whole[..cut]);
    }
}

#[test]
fn all_tables_of_a_zip_are_read_by_their_names() {
    let bytes = zipped(&[("INDIR_CALA_20260602.csv", b"a;b\n1;2\n"), ("INDIR_LAZI_20260602.csv", b"a;b\n3;4\n")]);
    let sheets: Vec<_> = open_all("indir.zip", &bytes, &Limits::default()).unwrap().collect::<Result<_, _>>().unwrap();
    assert_eq!(
        sheets.iter().map(Sheet::file).collect::<Vec<_>>(),
        ["INDIR_CALA_20260602.csv", "INDIR_LAZI_20260602.csv"]
    );
}

#[test]
fn batches_do_not_depend_on_their_size() {
    let text: String =
        std::iter::once("a;b\n".to_owned()).chain((0..100).map(|i| format!("{i};{}\n", i * i))).collect();
    let read = |size| {
        let mut sheet = open("t", text.as_bytes(), &Limits::default()).unwrap();
        let mut rows = Vec::new();
        while let Some(chunk) = sheet.next_chunk(size).unwrap() {
            assert!(chunk.batch.len() <= size);
            rows.extend(chunk.batch.rows().map(|row| (row.row, row.cell(1).to_owned())));
        }
        rows
    };
    assert_eq!(read(1), read(1000));
    assert_eq!(read(7).len(), 100);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_batch_survives_its_canonical_form(
        header in prop::collection::vec(".{0,12}", 1..6),
        rows in prop::collection::vec((any::<u32>(), prop::collection::vec(".{0,20}", 6)), 0..30),
    ) {
        let mut batch = Batch::new(header);
        for (number, cells) in &rows {
            batch.push(*number, cells.iter().map(String::as_str));
        }
        let bytes = batch.encode();
        prop_assert_eq!(Batch::decode(&bytes).unwrap(), batch);
        for cut in 0..bytes.len().min(64) {
            let _ = Batch::decode(&bytes[..cut]);
        }
    }

    #[test]
    fn hostile_batches_are_refused_without_a_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..200), magic in any::<bool>()) {
        if magic {
            bytes.splice(0..0, *b"ATB1");
        }
        let _ = Batch::decode(&bytes);
    }

    #[test]
    fn what_a_csv_writer_writes_is_read(
        separator in prop::sample::select(b";,\t|".to_vec()),
        rows in prop::collection::vec(prop::collection::vec("[a-zàèìòù0-9 ;,|\t\"'\n.-]{0,15}", 3), 1..20),
    ) {
        let mut writer = csv::WriterBuilder::new().delimiter(separator).from_writer(Vec::new());
        writer.write_record(["uno", "due", "tre"]).unwrap();
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        let bytes = writer.into_inner().unwrap();
        let mut sheet = Sheet::cut("t", Box::new(bytes.as_slice()), 0, Encoding::Utf8, separator, Limits::default()).unwrap();
        let chunk = sheet.next_chunk(1000).unwrap().unwrap();
        prop_assert!(chunk.rejects.is_empty());
        let read: Vec<Vec<String>> = chunk.batch.rows().map(|row| row.cells().map(str::to_owned).collect()).collect();
        prop_assert_eq!(read, rows);
    }
}

/// Seeded noise: random bytes, and honest files with bytes changed. Nothing panics, every row is counted.
#[test]
fn noise_never_panics() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let limits = Limits { bytes: 1 << 20, ..Limits::default() };
    let honest = [
        TABLE.as_bytes().to_vec(),
        latin1(TABLE),
        utf16(TABLE, true, true),
        gz(TABLE.as_bytes()),
        zipped(&[("a.csv", TABLE.as_bytes())]),
    ];
    let alphabet = b";,\t|\"\r\n\0ab1\xc3\xa8\xff ";
    for turn in 0..20_000_u64 {
        let mut bytes: Vec<u8> = match turn % 7 {
            kind @ 0..5 => honest[kind as usize].clone(),
            5 => (0..next() % 200).map(|_| next() as u8).collect(),
            _ => (0..next() % 200).map(|_| alphabet[next() as usize % alphabet.len()]).collect(),
        };
        if turn % 7 < 5 {
            for _ in 0..=next() % 4 {
                let at = next() as usize % bytes.len();
                match next() % 3 {
                    0 => bytes[at] = next() as u8,
                    1 => bytes.truncate(at.max(1)),
                    _ => bytes.insert(at, alphabet[next() as usize % alphabet.len()]),
                }
            }
        }
        let _ = all_within(&bytes, &limits);
    }
}
