//! DUG (denominazione urbanistica generica): VIA, PIAZZA… and the ways to abbreviate them.

use std::{collections::HashMap, sync::OnceLock};

/// A DUG: a position in [`NAMES`]; zero is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Dug(pub(super) u16);

impl Dug {
    /// No DUG.
    pub(super) const NONE: Self = Self(0);

    /// Its name.
    pub(super) fn name(self) -> &'static str {
        NAMES[self.0 as usize]
    }
}

/// The heads of the official table. A qualifier (PROVINCIALE, PRIVATA, CHIUSO…) is a word of the name, so
/// STRADA PROVINCIALE is STRADA with a word that may be missing.
const NAMES: &[&str] = &[
    "",
    "VIA",
    "PIAZZA",
    "VIALE",
    "VICO",
    "VICOLO",
    "CORSO",
    "LARGO",
    "CONTRADA",
    "LOCALITA",
    "STRADA",
    "TRAVERSA",
    "FRAZIONE",
    "PIAZZALE",
    "PIAZZETTA",
    "SALITA",
    "RIONE",
    "BORGO",
    "BORGATA",
    "REGIONE",
    "CASCINA",
    "PODERE",
    "VOCABOLO",
    "CORTILE",
    "CORTE",
    "ALPE",
    "RONCO",
    "ROTONDA",
    "ROTATORIA",
    "VILLAGGIO",
    "VICOLETTO",
    "VICOLONE",
    "ZONA",
    "RAMPA",
    "LUNGO",
    "PONTE",
    "DISCESA",
    "SCESA",
    "GALLERIA",
    "SCALINATA",
    "STRADELLO",
    "STRADELLA",
    "STRADINA",
    "STRADONE",
    "PASSAGGIO",
    "PASSEGGIATA",
    "PASSEGGIO",
    "PASSO",
    "CALLE",
    "CONTRA",
    "NUCLEO",
    "CIRCONVALLAZIONE",
    "RUA",
    "RUGA",
    "CALATA",
    "CHIASSO",
    "CHIASSETTO",
    "SENTIERO",
    "PREDIO",
    "VIOTTOLO",
    "ARCO",
    "AUTOSTRADA",
    "STRETTO",
    "STRETTA",
    "STRETTOIA",
    "VANELLA",
    "QUARTIERE",
    "BELVEDERE",
    "ATRIO",
    "LARGHETTO",
    "PORTICO",
    "PORTICI",
    "CASE",
    "CASA",
    "CAMPO",
    "CAMPIELLO",
    "FONDAMENTA",
    "SESTIERE",
    "RIO",
    "RIVA",
    "SALIZADA",
    "SOTTOPORTICO",
    "SOPPORTICO",
    "SUPPORTICO",
    "PISCINA",
    "RAMO",
    "GRADINI",
    "GRADINATA",
    "GRADONI",
    "GRADELLE",
    "PENDIO",
    "COSTA",
    "CUPA",
    "SPALTO",
    "SPIANATA",
    "SPIAZZO",
    "SLARGO",
    "TRATTURO",
    "TRAZZERA",
    "TANGENZIALE",
    "TRAFORO",
    "TETTI",
    "VIUZZA",
    "VIUZZO",
    "VIALETTO",
    "VO",
    "VOLTA",
    "VOLTO",
    "VAGLIO",
    "MASO",
    "MOLO",
    "MURA",
    "PARCHEGGIO",
    "PARCO",
    "PIAGGIA",
    "PIANO",
    "PIAZZOLA",
    "PORTA",
    "RECINTO",
    "RIPA",
    "RIVIERA",
    "SCALA",
    "SCALE",
    "SCALETTA",
    "SDRUCCIOLO",
    "SOTTOPASSO",
    "SOTTOPASSAGGIO",
    "SOTTOVIA",
    "SUBBORGO",
    "ANDRONA",
    "ANGIPORTO",
    "ARCHIVOLTO",
    "BALUARDO",
    "CALA",
    "CALLESELLO",
    "CANTONE",
    "CAVALCAVIA",
    "COLLEGAMENTO",
    "COMPLANARE",
    "CORSIA",
    "CORTICELLA",
    "CROSA",
    "EMICICLO",
    "ESEDRA",
    "FORO",
    "GIARDINO",
    "GIARDINI",
    "LITORANEA",
    "MASSERIA",
    "PRIVATA",
    "SVINCOLO",
    "ALZAIA",
    "RACCORDO",
    "STAZIONE",
    "ISOLATO",
    "FONDO",
    "TENUTA",
    "FATTORIA",
    "CANALE",
    "VIADOTTO",
    "SENTIERI",
    "MULATTIERA",
    "VIGNA",
];

/// Abbreviations and what they may mean, likeliest first.
const ABBREVIATIONS: &[(&str, &[&str])] = &[
    ("V", &["VIA", "VIALE", "VICO", "VICOLO"]),
    ("VLE", &["VIALE"]),
    ("VL", &["VIALE"]),
    ("VIAL", &["VIALE"]),
    ("PZA", &["PIAZZA"]),
    ("PZZA", &["PIAZZA"]),
    ("PZ", &["PIAZZA"]),
    ("PIAZ", &["PIAZZA"]),
    ("PZZ", &["PIAZZA"]),
    ("P", &["PIAZZA"]),
    ("PZTA", &["PIAZZETTA"]),
    ("PZZTA", &["PIAZZETTA"]),
    ("PZZETTA", &["PIAZZETTA"]),
    ("PTTA", &["PIAZZETTA"]),
    ("PTA", &["PORTA", "PIAZZETTA"]),
    ("PLE", &["PIAZZALE"]),
    ("PZLE", &["PIAZZALE"]),
    ("PZZLE", &["PIAZZALE"]),
    ("PZALE", &["PIAZZALE"]),
    ("PZZALE", &["PIAZZALE"]),
    ("PIAZZLE", &["PIAZZALE"]),
    ("CSO", &["CORSO"]),
    ("CS", &["CORSO"]),
    ("CORS", &["CORSO"]),
    ("C", &["CORSO", "CONTRADA", "CALLE"]),
    ("CDA", &["CONTRADA"]),
    ("CTRDA", &["CONTRADA"]),
    ("CTR", &["CONTRADA"]),
    ("CTRADA", &["CONTRADA"]),
    ("CONTR", &["CONTRADA"]),
    ("CTDA", &["CONTRADA"]),
    ("CNTR", &["CONTRADA"]),
    ("CONT", &["CONTRADA"]),
    ("CDE", &["CONTRADA"]),
    ("LOC", &["LOCALITA"]),
    ("LTA", &["LOCALITA"]),
    ("LOCTA", &["LOCALITA"]),
    ("LOCAL", &["LOCALITA"]),
    ("LCT", &["LOCALITA"]),
    ("FRAZ", &["FRAZIONE"]),
    ("FR", &["FRAZIONE"]),
    ("FZ", &["FRAZIONE"]),
    ("FRZ", &["FRAZIONE"]),
    ("TRAV", &["TRAVERSA"]),
    ("TR", &["TRAVERSA"]),
    ("TRV", &["TRAVERSA"]),
    ("TVS", &["TRAVERSA"]),
    ("TRVSA", &["TRAVERSA"]),
    ("TRSA", &["TRAVERSA"]),
    ("TRAVSA", &["TRAVERSA"]),
    ("VIC", &["VICOLO", "VICO"]),
    ("VCO", &["VICO"]),
    ("VLO", &["VICOLO"]),
    ("VCLO", &["VICOLO"]),
    ("VCL", &["VICOLO"]),
    ("VICO", &["VICO"]),
    ("VCLTTO", &["VICOLETTO"]),
    ("VTTO", &["VICOLETTO"]),
    ("LGO", &["LARGO"]),
    ("L", &["LARGO", "LOCALITA"]),
    ("LARG", &["LARGO"]),
    ("LG", &["LARGO"]),
    ("LGHETTO", &["LARGHETTO"]),
    ("LTTO", &["LARGHETTO"]),
    ("STR", &["STRADA"]),
    ("STRD", &["STRADA"]),
    ("SDA", &["STRADA"]),
    ("STRDA", &["STRADA"]),
    ("STDA", &["STRADA"]),
    ("STRLLO", &["STRADELLO"]),
    ("SAL", &["SALITA"]),
    ("SALTA", &["SALITA"]),
    ("SLTA", &["SALITA"]),
    ("SLT", &["SALITA"]),
    ("RNE", &["RIONE"]),
    ("RIO", &["RIO"]),
    ("BGO", &["BORGO"]),
    ("BO", &["BORGO"]),
    ("BORG", &["BORGATA"]),
    ("BGTA", &["BORGATA"]),
    ("REG", &["REGIONE"]),
    ("CASC", &["CASCINA"]),
    ("CNA", &["CASCINA"]),
    ("CLE", &["CORTILE", "PIAZZALE"]),
    ("POD", &["PODERE"]),
    ("PDRE", &["PODERE"]),
    ("VOC", &["VOCABOLO"]),
    ("CORT", &["CORTILE", "CORTE"]),
    ("CLLE", &["CALLE"]),
    ("VILL", &["VILLAGGIO"]),
    ("VGIO", &["VILLAGGIO"]),
    ("QRE", &["QUARTIERE"]),
    ("QUART", &["QUARTIERE"]),
    ("QTIERE", &["QUARTIERE"]),
    ("CIRC", &["CIRCONVALLAZIONE"]),
    ("CIRCNE", &["CIRCONVALLAZIONE"]),
    ("CNE", &["CIRCONVALLAZIONE"]),
    ("CIRCV", &["CIRCONVALLAZIONE"]),
    ("CIRCONV", &["CIRCONVALLAZIONE"]),
    ("LMARE", &["LUNGO"]),
    ("GALL", &["GALLERIA"]),
    ("SCAL", &["SCALINATA"]),
    ("PASS", &["PASSAGGIO", "PASSEGGIATA"]),
    ("NCL", &["NUCLEO"]),
    ("SENT", &["SENTIERO"]),
    ("CPO", &["CAMPO"]),
    ("CPLLO", &["CAMPIELLO"]),
    ("FTA", &["FONDAMENTA"]),
    ("FOND", &["FONDAMENTA"]),
    ("SEST", &["SESTIERE"]),
    ("MASS", &["MASSERIA"]),
    ("ROT", &["ROTONDA", "ROTATORIA"]),
    ("GRAD", &["GRADINI", "GRADINATA"]),
    ("SUPP", &["SUPPORTICO"]),
    ("PTE", &["PONTE"]),
    ("PGIO", &["POGGIO", "PARCHEGGIO"]),
    ("CSE", &["CASE"]),
    ("RPA", &["RAMPA"]),
    ("VTO", &["VICOLETTO"]),
    ("ATR", &["ATRIO"]),
];

/// Families within which one DUG is often written for another.
const FAMILIES: &[&[&str]] = &[
    &["VICO", "VICOLO", "VICOLETTO", "VICOLONE", "VIOTTOLO", "VIUZZA", "VIUZZO"],
    &["PIAZZA", "PIAZZETTA", "PIAZZALE", "LARGO", "LARGHETTO", "SLARGO", "PIAZZOLA"],
    &["CONTRADA", "LOCALITA", "FRAZIONE", "REGIONE", "BORGATA", "CASE", "CASA", "NUCLEO", "ZONA", "RIONE", "BORGO"],
    &["STRADA", "VIA", "STRADELLO", "STRADELLA", "STRADINA", "STRADONE"],
    &["VIA", "VIALE", "VIALETTO"],
    &["TRAVERSA", "VICO", "VICOLO"],
    &["SALITA", "DISCESA", "SCESA", "SCALINATA", "GRADINATA", "GRADINI", "RAMPA", "SCALA", "SCALE"],
];

struct Table {
    meanings: HashMap<&'static str, Vec<Dug>>,
    near: Vec<Vec<Dug>>,
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let find = |name: &str| NAMES.iter().position(|n| *n == name).map(|i| Dug(i as u16));
        let mut meanings: HashMap<&'static str, Vec<Dug>> = HashMap::new();
        for (i, name) in NAMES.iter().enumerate().skip(1) {
            meanings.insert(name, vec![Dug(i as u16)]);
        }
        for (short, longs) in ABBREVIATIONS {
            meanings.entry(short).or_insert_with(|| longs.iter().filter_map(|l| find(l)).collect());
        }
        let mut near = vec![Vec::new(); NAMES.len()];
        for family in FAMILIES {
            let ids: Vec<Dug> = family.iter().filter_map(|n| find(n)).collect();
            for a in &ids {
                near[a.0 as usize].extend(ids.iter().copied().filter(|b| b != a));
            }
        }
        Table { meanings, near }
    })
}

/// What a word may mean as a DUG, likeliest first; nothing where it is none.
pub(super) fn meanings(word: &str) -> &'static [Dug] {
    table().meanings.get(word).map_or(&[], Vec::as_slice)
}

/// The DUG a word spells in full.
pub(super) fn spelled(word: &str) -> Option<Dug> {
    match meanings(word) {
        [dug] if dug.name() == word => Some(*dug),
        _ => None,
    }
}

/// Whether one is often written for the other.
pub(super) fn is_near(a: Dug, b: Dug) -> bool {
    table().near[a.0 as usize].contains(&b)
}

/// The DUG that a word of four letters or more misses by one edit (also VAI and VI for VIA), where only one does.
pub(super) fn misspelled(word: &str) -> Option<Dug> {
    const COMMON: [&str; 16] = [
        "VIALE",
        "PIAZZA",
        "PIAZZALE",
        "PIAZZETTA",
        "CORSO",
        "CONTRADA",
        "LOCALITA",
        "TRAVERSA",
        "STRADA",
        "VICOLO",
        "LARGO",
        "FRAZIONE",
        "SALITA",
        "VICO",
        "RIONE",
        "CIRCONVALLAZIONE",
    ];
    if matches!(word, "VAI" | "VIIA" | "VVIA" | "VIAA" | "IVA") {
        return spelled("VIA");
    }
    if word.len() < 4 {
        return None;
    }
    let mut found = COMMON.iter().filter(|c| super::edit::distance(word.as_bytes(), c.as_bytes(), 1) == Some(1));
    match (found.next(), found.next()) {
        (Some(only), None) => spelled(only),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn abbreviations_give_alternatives() {
        let names = |w: &str| meanings(w).iter().map(|d| d.name()).collect::<Vec<_>>();
        assert_eq!(names("VIA"), ["VIA"]);
        assert_eq!(names("V")[0], "VIA");
        assert!(names("V").len() > 1 && names("C").len() > 1 && names("PTA").len() > 1);
        assert_eq!(names("SCAZZOLA"), [""; 0]);
        assert_eq!(misspelled("PIAZAZ").map(Dug::name), Some("PIAZZA"));
        assert_eq!(misspelled("ROMA"), None);
        assert!(ABBREVIATIONS.iter().all(|(short, _)| !meanings(short).is_empty()));
    }
}
