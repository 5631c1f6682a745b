//! Names of streets as people write them, where a register has them in capitals.

/// Words that stand small inside a name.
const SMALL: [&str; 37] = [
    "a", "ad", "ai", "agli", "al", "alla", "alle", "allo", "con", "da", "dai", "dagli", "dal", "dalla", "dalle",
    "dallo", "de'", "degli", "dei", "del", "della", "delle", "dello", "di", "e", "ed", "in", "nei", "nel", "nella",
    "nelle", "per", "su", "sul", "sulla", "tra", "detta",
];

/// Articles: small after one of [`BEFORE`], else the beginning of a surname (La Pira) or of a place (L'Aquila).
const ARTICLES: [&str; 6] = ["il", "lo", "la", "i", "gli", "le"];
const BEFORE: [&str; 12] =
    ["sotto", "sopra", "dietro", "fuori", "presso", "verso", "oltre", "lungo", "tra", "fra", "per", "e"];

/// What stands small before an apostrophe.
const ELIDED: [&str; 10] = ["d", "l", "dell", "all", "dall", "nell", "sull", "coll", "un", "quell"];

/// Words whose apostrophe tells that an end is missing; on any other vowel it stands for an accent.
const CUT: [&str; 8] = ["de'", "ca'", "da'", "ne'", "a'", "po'", "co'", "be'"];

/// Shortened words that stay in capitals: classes of roads, offices.
const CAPITALS: [&str; 16] =
    ["SP", "SS", "SR", "SC", "SSV", "FS", "ONU", "NATO", "INA", "IACP", "ATER", "PEEP", "UNESCO", "CNR", "USA", "UE"];

/// Ends of shortened words, after their dot: `C.so`, `F.lli`, `SS.ma`.
const ENDS: [&str; 13] = ["so", "zza", "zzale", "le", "lo", "la", "lli", "llo", "ma", "mo", "sta", "ssa", "to"];

/// A name as Italians write it: `VIA DEI MILLE` → `Via dei Mille`, `PIAZZA XX SETTEMBRE` → `Piazza XX Settembre`. One that has
/// small letters is as somebody wrote it, and stays.
pub fn written(name: &str) -> String {
    if name.chars().any(char::is_lowercase) || !name.chars().any(char::is_alphabetic) {
        return name.to_owned();
    }
    let mut out = String::with_capacity(name.len());
    let mut before = String::new();
    // How many words lie behind, since the beginning or a dash.
    let mut behind = 0;
    for word in name.split_inclusive(char::is_whitespace) {
        let bare = word.trim_end();
        let told = one(bare, behind, &before);
        out.push_str(&told);
        out.push_str(&word[bare.len()..]);
        behind = if bare.chars().any(char::is_alphanumeric) { behind + 1 } else { 0 };
        before = told.to_lowercase();
    }
    out
}

fn one(word: &str, behind: usize, before: &str) -> String {
    let small = word.to_lowercase().replace('’', "'");
    let follows = BEFORE.contains(&before);
    if behind > 0 && (SMALL.contains(&&*small) || (follows && ARTICLES.contains(&&*small))) {
        return small;
    }
    // Parts of a word that has them: `SAN PIETRO-BORGO`, `12/A`, `(GIÀ VIA ROMA)`.
    let parts = word.split_inclusive(['-', '/', '(', '"', '«']);
    parts.map(|part| elided(part, behind)).collect()
}

/// A word with what may be elided before it.
fn elided(word: &str, behind: usize) -> String {
    let Some((head, tail)) = word.split_once(['\'', '’']) else { return dotted(word) };
    let small = head.to_lowercase();
    if tail.is_empty() {
        let whole = format!("{small}'");
        return match (CUT.contains(&&*whole), accented(head)) {
            (false, Some(accented)) => dotted(&accented),
            _ => format!("{}'", dotted(head)),
        };
    }
    // After the kind of a street an article begins a name: Via L'Aquila.
    let is_small = behind > 0 && ELIDED.contains(&&*small) && !(behind == 1 && small == "l");
    format!("{}'{}", if is_small { small } else { dotted(head) }, elided(tail, behind))
}

/// A word whose last vowel has its accent.
fn accented(head: &str) -> Option<String> {
    let last = head.chars().last()?;
    let accent = match last {
        'A' => 'À',
        'E' => 'È',
        'I' => 'Ì',
        'O' => 'Ò',
        'U' => 'Ù',
        _ => return None,
    };
    Some(head[..head.len() - last.len_utf8()].chars().chain([accent]).collect())
}

/// A word that may be shortened: each part after a dot for itself.
fn dotted(word: &str) -> String {
    let mut parts = word.split_inclusive('.');
    let first = parts.next().map(plain).unwrap_or_default();
    parts.fold(first, |mut out, part| {
        let small = part.to_lowercase();
        let is_end = ENDS.contains(&small.trim_end_matches('.'));
        out.push_str(&if is_end { small } else { plain(part) });
        out
    })
}

fn plain(word: &str) -> String {
    let bare = word.trim_end_matches(['.', ',', ';', ')', '-', '/', '"', '»']);
    let stays = bare.chars().any(|c| c.is_ascii_digit())
        || (!bare.is_empty() && bare.chars().all(|c| matches!(c, 'I' | 'V' | 'X')))
        || CAPITALS.contains(&bare)
        || (bare == "SS" && word != bare);
    if stays {
        return word.to_owned();
    }
    let mut letters = word.chars();
    let first = letters.next().map(String::from).unwrap_or_default();
    first + &letters.as_str().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_capitals_are_written_as_italians_write_them() {
        for (register, written_so) in [
            ("VIA ROMA", "Via Roma"),
            ("VIA DEI MILLE", "Via dei Mille"),
            ("PIAZZA XX SETTEMBRE", "Piazza XX Settembre"),
            ("VIA IV NOVEMBRE", "Via IV Novembre"),
            ("VIA I MAGGIO", "Via I Maggio"),
            ("CORSO UMBERTO I", "Corso Umberto I"),
            ("VIA S. GIOVANNI", "Via S. Giovanni"),
            ("VIA S.GIOVANNI BOSCO", "Via S.Giovanni Bosco"),
            ("VIA SS. COSMA E DAMIANO", "Via SS. Cosma e Damiano"),
            ("VIA GABRIELE D'ANNUNZIO", "Via Gabriele d'Annunzio"),
            ("VIA D’AZEGLIO", "Via d'Azeglio"),
            ("VIA L'AQUILA", "Via L'Aquila"),
            ("VIA DELL'ACQUA SANTA", "Via dell'Acqua Santa"),
            ("PIAZZA DELL'UNITA' D'ITALIA", "Piazza dell'Unità d'Italia"),
            ("LOCALITA' OSTERIA DELLA FONTANA", "Località Osteria della Fontana"),
            ("VIALE LIBERTÀ", "Viale Libertà"),
            ("VIA DE' TORNABUONI", "Via de' Tornabuoni"),
            ("CALLE CA' FOSCARI", "Calle Ca' Foscari"),
            ("VIA SANT'ANTONIO DA PADOVA", "Via Sant'Antonio da Padova"),
            ("VIA ALCIDE DE GASPERI", "Via Alcide De Gasperi"),
            ("PIAZZA GIORGIO LA PIRA", "Piazza Giorgio La Pira"),
            ("VIA LE MOIE", "Via Le Moie"),
            ("VIA SOTTO LE MURA", "Via Sotto le Mura"),
            ("VIA LEONARDO DA VINCI", "Via Leonardo da Vinci"),
            ("VIA G.B. VICO", "Via G.B. Vico"),
            ("C.SO VITTORIO EMANUELE III", "C.so Vittorio Emanuele III"),
            ("VIA F.LLI CERVI", "Via F.lli Cervi"),
            ("STRADA SP 11 CASILINA", "Strada SP 11 Casilina"),
            ("VIA 25 APRILE", "Via 25 Aprile"),
            ("VIA CASTELLO-BORGO", "Via Castello-Borgo"),
            ("VIA FILIPPO TURATI (GIA' VIA ROMA)", "Via Filippo Turati (Già Via Roma)"),
            ("VIA NUOVA - DETTA VECCHIA", "Via Nuova - Detta Vecchia"),
            ("VIA O'CONNOR", "Via O'Connor"),
            ("DELLE ROSE", "Delle Rose"),
            ("VIA  ROMA ", "Via  Roma "),
        ] {
            assert_eq!(written(register), written_so, "{register}");
        }
    }

    #[test]
    fn what_somebody_wrote_in_small_letters_stays() {
        for name in ["Via Dei Mille", "via roma", "", "12/A", "Via ROMA"] {
            assert_eq!(written(name), name);
        }
    }

    #[test]
    fn no_letter_is_lost_or_added() {
        for name in ["VIA DELL’UNITÀ", "'''", "VIA '", "' ROMA", "VIA D'", "..", "VIA ..A.", "ÈÈÈ", "A'B'C", "ẞ"]
        {
            let told = written(name);
            assert_eq!(told.split_whitespace().count(), name.split_whitespace().count(), "{name}");
            assert_eq!(crate::domain::fold::fold(&told), crate::domain::fold::fold(name), "{name}");
        }
    }
}
