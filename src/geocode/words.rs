//! The words of street names that weigh less than a name: prepositions, saints, titles, first names, qualifiers; and abbreviations.

use std::{collections::HashMap, sync::OnceLock};

use super::{dug, numeral};

/// What a word is in a street name; it decides what its absence costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Class {
    /// DI, DELLA, E…
    Preposition,
    /// SAN, SANTA, SANT', S., SS.
    Saint,
    /// GENERALE, DON, PAPA…
    Title,
    /// GIUSEPPE…
    FirstName,
    /// PROVINCIALE, VECCHIA, PRIVATA…
    Qualifier,
    /// A DUG inside a name: VICO DI *VIA* ROMA.
    InnerDug,
    /// A numeral, in whatever form.
    Number,
    /// One letter.
    Initial,
    /// The name itself.
    Word,
}

/// The one form of all saints.
pub(super) const SAINT: &str = "~S";

const PREPOSITIONS: &str = "A AD AL ALLA ALLE ALLO AI AGLI ALL DA DAL DALLA DALLE DAI DAGLI DALLO DALL DI DE DEL DELLA DEI DEGLI \
DELLE DELLO DELL D IN NEL NELLA NEI NELLE NELL E ED IL LO LA LE GLI L SU SUL SULLA SULLE CON PER FRA TRA DU DES";

const SAINTS: &str =
    "SAN SANTO SANTA SANT SANTI SANTE STA STO STI SNT SS SANTISSIMO SANTISSIMA SANTISSIMI SSMO SSMA SNA";

const TITLES: &str = "PAPA DON DONNA PADRE MADRE SUOR SUORA MONSIGNOR GENERALE COLONNELLO CAPITANO TENENTE SOTTOTENENTE SENATORE ONOREVOLE \
AVVOCATO DOTTOR DOTTORE PROFESSOR PROFESSORE INGEGNERE INGEGNER CAVALIERE COMMENDATORE CONTE CONTESSA DUCA PRINCIPE PRINCIPESSA RE REGINA IMPERATORE \
CARDINALE VESCOVO BEATO BEATA VENERABILE MAESTRO FRATELLI SORELLE MARESCIALLO SERGENTE BRIGADIERE CARABINIERE AMMIRAGLIO SACERDOTE \
ARCIVESCOVO MAGGIORE CAPORALE APPUNTATO NOTAIO GIUDICE PRESIDENTE MARCHESE BARONE FRA FRATE ABATE CANONICO PARROCO ARCIPRETE DOCENTE \
SINDACO MINISTRO AVIERE GEOMETRA ARCHITETTO PITTORE POETA SCULTORE MUSICISTA PARTIGIANO EROE VICEBRIGADIERE QUESTORE COMANDANTE AIUTANTE \
ALPINO FANTE BERSAGLIERE FINANZIERE MILITE LEGIONARIO MEDAGLIA GEOM SIGNOR CONTRAMMIRAGLIO VICEPREFETTO";

const QUALIFIERS: &str = "PROVINCIALE COMUNALE STATALE REGIONALE VICINALE PRIVATA PRIVATO VECCHIA VECCHIO NUOVA NUOVO CONSORTILE CHIUSO \
CIECO CIECA ANTICA ANTICO PANORAMICA INTERNA INTERNO NAZIONALE PODERALE ESTERNA ESTERNO PEDONALE CICLABILE CICLOPEDONALE STORTO STRETTA VARIANTE RURALE \
INTERPODERALE INTERCOMUNALE SPARSE SPARSA CENTRALE LATERALE ROTABILE INDUSTRIALE ARTIGIANALE ABITATO BIS";

/// Short → long, for words of the name; the long form is what keys hold.
const ABBREVIATIONS: &[(&str, &str)] = &[
    ("GEN", "GENERALE"),
    ("COL", "COLONNELLO"),
    ("CAP", "CAPITANO"),
    ("TEN", "TENENTE"),
    ("STEN", "SOTTOTENENTE"),
    ("SOTTOTEN", "SOTTOTENENTE"),
    ("SEN", "SENATORE"),
    ("ON", "ONOREVOLE"),
    ("AVV", "AVVOCATO"),
    ("DOTT", "DOTTOR"),
    ("DOTTORE", "DOTTOR"),
    ("DR", "DOTTOR"),
    ("PROF", "PROFESSOR"),
    ("PROFESSORE", "PROFESSOR"),
    ("ING", "INGEGNER"),
    ("INGEGNERE", "INGEGNER"),
    ("CAV", "CAVALIERE"),
    ("COMM", "COMMENDATORE"),
    ("PPE", "PRINCIPE"),
    ("CARD", "CARDINALE"),
    ("VESC", "VESCOVO"),
    ("BTO", "BEATO"),
    ("BTA", "BEATA"),
    ("VEN", "VENERABILE"),
    ("FLLI", "FRATELLI"),
    ("FRAT", "FRATELLI"),
    ("FRATLLI", "FRATELLI"),
    ("FLI", "FRATELLI"),
    ("MARESC", "MARESCIALLO"),
    ("SERG", "SERGENTE"),
    ("BRIG", "BRIGADIERE"),
    ("CARAB", "CARABINIERE"),
    ("AMM", "AMMIRAGLIO"),
    ("SAC", "SACERDOTE"),
    ("ARCIV", "ARCIVESCOVO"),
    ("MAGG", "MAGGIORE"),
    ("MONS", "MONSIGNOR"),
    ("MONSIGNORE", "MONSIGNOR"),
    ("MSR", "MONSIGNOR"),
    ("MR", "MONSIGNOR"),
    ("PRES", "PRESIDENTE"),
    ("MARCH", "MARCHESE"),
    ("BAR", "BARONE"),
    ("CAN", "CANONICO"),
    ("MADD", "MADDALENA"),
    ("MAD", "MADONNA"),
    ("MDNA", "MADONNA"),
    ("MNA", "MADONNA"),
    ("PROV", "PROVINCIALE"),
    ("PROVLE", "PROVINCIALE"),
    ("COM", "COMUNALE"),
    ("COMLE", "COMUNALE"),
    ("STAT", "STATALE"),
    ("STLE", "STATALE"),
    ("VICLE", "VICINALE"),
    ("VICIN", "VICINALE"),
    ("PRIV", "PRIVATA"),
    ("PRIVATO", "PRIVATA"),
    ("NAZ", "NAZIONALE"),
    ("VECCHIO", "VECCHIA"),
    ("NUOVO", "NUOVA"),
    ("CONS", "CONSORTILE"),
    ("STAZ", "STAZIONE"),
    ("FFSS", "FERROVIA"),
    ("IND", "INDUSTRIALE"),
    ("INDLE", "INDUSTRIALE"),
    ("ART", "ARTIGIANALE"),
    ("CIECA", "CIECO"),
    ("GIUS", "GIUSEPPE"),
    ("GIOV", "GIOVANNI"),
    ("FRANC", "FRANCESCO"),
    ("ANT", "ANTONIO"),
    ("ALESS", "ALESSANDRO"),
    ("DOM", "DOMENICO"),
    ("VINC", "VINCENZO"),
    ("GIAC", "GIACOMO"),
    ("SETT", "SETTEMBRE"),
    ("NOV", "NOVEMBRE"),
    ("APR", "APRILE"),
    ("FEBB", "FEBBRAIO"),
    ("GENN", "GENNAIO"),
    ("MAGG0", "MAGGIO"),
    ("VITT", "VITTORIO"),
    ("EM", "EMANUELE"),
    ("FCO", "FRANCESCO"),
    ("GUGL", "GUGLIELMO"),
    ("UMB", "UMBERTO"),
    ("LEON", "LEONARDO"),
    ("MAZZ", "MAZZINI"),
    ("MTE", "MONTE"),
    ("PTE", "PONTE"),
    ("FTE", "FONTE"),
    ("FNA", "FONTANA"),
    ("TORR", "TORRENTE"),
    ("ROT", "ROTABILE"),
    ("CTTA", "CITTA"),
    ("UNIV", "UNIVERSITA"),
];

const FIRST_NAMES: &str = "ACHILLE ADA ADELE ADOLFO ADRIANA ADRIANO AGNESE AGOSTINO ALBERTO ALCIDE ALDO ALESSANDRA ALESSANDRO ALESSIO ALFIO ALFONSO ALFREDO \
ALICE AMATO AMBROGIO AMEDEO AMELIA AMERIGO AMILCARE ANDREA ANGELA ANGELO ANITA ANNA ANNIBALE ANSELMO ANTONELLO ANTONIA ANTONINO ANTONIO ARCANGELO ARISTIDE ARMANDO \
ARNALDO ARRIGO ARTURO ASSUNTA ATTILIO AUGUSTO AURELIO BALDASSARRE BARTOLOMEO BASILIO BATTISTA BENEDETTO BENIAMINO BENITO BERNARDINO BERNARDO BETTINO BIAGIO BIANCA BONAVENTURA \
BRUNO CALOGERO CAMILLO CARLA CARLO CARMELO CARMINE CATERINA CECILIA CELESTINO CESARE CHIARA CIRO CLAUDIO CLEMENTE CLOTILDE CORRADO COSIMO COSTANTINO CRISTINA CRISTOFORO DAMIANO \
DANIELE DANILO DANTE DARIO DAVIDE DEMETRIO DINO DOMENICA DOMENICO DONATELLA DONATO EDGARDO EDMONDO EDOARDO EGIDIO ELENA ELEONORA ELIA ELIO ELISA ELISABETTA EMANUELE EMANUELA EMILIO EMMA ENNIO ENRICA \
ENRICO ENZO ERASMO ERCOLE ERMENEGILDO ERMINIO ERNESTO ETTORE EUGENIO EUSEBIO EVA EZIO FABIO FABRIZIO FAUSTO FEDELE FEDERICA FEDERICO FELICE FERDINANDO FERRUCCIO FILIBERTO FILIPPO FIORENZO FLAVIO \
FORTUNATO FRANCA FRANCESCA FRANCESCO FRANCO FULVIO GABRIELE GABRIELLA GAETANO GALILEO GASPARE GASTONE GENNARO GERARDO GERMANO GEROLAMO GIACINTO GIACOMO GIAMBATTISTA GIANCARLO GIANNI GIAN GINO GIOACCHINO \
GIORDANO GIORGIO GIOSUE GIOVAN GIOVANBATTISTA GIOVANNA GIOVANNI GIROLAMO GIULIA GIULIANO GIULIETTA GIULIO GIUSEPPE GIUSEPPINA GIUSTINO GOFFREDO GRAZIA GREGORIO GUALTIERO GUGLIELMO GUIDO IDA IGNAZIO IGINO ILARIO IPPOLITO IOLANDA \
IRENE ISAAC ISABELLA ISIDORO ITALO JACOPO LAURA LAZZARO LEANDRO LEO LEONARDO LEONE LEOPOLDO LIDIA LINA LINO LIVIO LORENZO LUCA LUCIA LUCIANO LUCIO LUDOVICO LUIGI LUIGIA LUISA MADDALENA MANFREDI MANLIO MARCELLO \
MARCO MARGHERITA MARIA MARIANO MARINO MARIO MARTA MARTINO MASSIMO MATILDE MATTEO MATTIA MAURIZIO MAURO MELCHIORRE MICHELANGELO MICHELE MODESTO NAPOLEONE NATALE NAZARENO NAZARIO NAZZARENO NELLO NELSON NICCOLO NICODEMO NICOLA NICOLO \
NINO NORBERTO NUNZIO ODOARDO OLGA OLIVIERO ONOFRIO ORAZIO ORESTE ORLANDO ORSOLA OSCAR OSVALDO OTTAVIO PALMIRO PAOLA PAOLO PASQUALE PATRIZIA PIER PIERA PIERFRANCESCO PIERLUIGI PIERO PIERSANTI PIETRO PIO PLACIDO POMPEO PRIMO QUINTINO QUINTO RAFFAELE \
RAFFAELLO RAFFAELLA RAIMONDO RANIERI REMO RENATA RENATO RENZO RICCARDO RINALDO RITA ROBERTO ROCCO RODOLFO ROMANO ROMEO ROMOLO ROMUALDO ROSA ROSARIA ROSARIO ROSOLINO RUGGERO RUGGIERO SABATINO SABATO SALVATORE SALVO SAMUELE SANDRO SANTE SANTO SAVERIO \
SEBASTIANO SERAFINO SERGIO SEVERINO SIGISMONDO SILVANA SILVANO SILVESTRO SILVIA SILVIO SIMONE SOFIA STANISLAO STEFANIA STEFANO SUSANNA TADDEO TANCREDI TEODORO TEOFILO TERESA TIBERIO TITO TIZIANO TOMMASO TOMASO TORQUATO TULLIO UBALDO UGO ULISSE \
UMBERTO URBANO VALENTINO VALERIO VINCENZA VINCENZO VIRGILIO VIRGINIA VIRGINIO VITALE VITTORIA VITTORINO VITTORIO VITO WALTER WOLFANGO ZACCARIA CAMILLA CAROLINA ENZA ERMANNO FIORELLO GRAZIELLA ILARIA ISACCO LORETO MIRELLA NILDE ORIANA PALMA PIERPAOLO SIBILLA THOMAS ALBERT JOHN MARTIN ROBERT WILLIAM";

/// A word's canonical form and class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Meaning {
    /// What keys hold.
    pub(super) canonical: &'static str,
    /// What it is.
    pub(super) class: Class,
}

struct Table {
    words: HashMap<&'static str, Meaning>,
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut words = HashMap::new();
        // The later list wins: a preposition is never a first name, a saint never a title.
        for (list, class) in [
            (FIRST_NAMES, Class::FirstName),
            (QUALIFIERS, Class::Qualifier),
            (TITLES, Class::Title),
            (PREPOSITIONS, Class::Preposition),
        ] {
            for word in list.split_ascii_whitespace() {
                words.insert(word, Meaning { canonical: word, class });
            }
        }
        for word in SAINTS.split_ascii_whitespace() {
            words.insert(word, Meaning { canonical: SAINT, class: Class::Saint });
        }
        for (short, long) in ABBREVIATIONS {
            let class = words.get(long).map_or(Class::Word, |m| m.class);
            words.insert(short, Meaning { canonical: long, class });
        }
        Table { words }
    })
}

/// What a word means in a name; `None` for a plain word.
pub(super) fn meaning(word: &str) -> Option<Meaning> {
    table().words.get(word).copied()
}

/// Whether dots or slashes inside this word are to be dropped (`V.LE`, `S.TA`, `F.LLI`, `S.N.C.`).
pub(super) fn is_abbreviation(word: &str) -> bool {
    matches!(word, "SNC" | "SN" | "CO" | "STA" | "STO" | "STI" | "SS" | "SP" | "SR" | "SC")
        || (word.len() > 1
            && (dug::meanings(word).iter().any(|d| d.name() != word)
                || table().words.get(word).is_some_and(|m| m.canonical != word && m.class != Class::Saint)))
}

/// Spelled forms that a typo may hide and that are no word of the register: numerals, saints, titles, prepositions with their canonical form.
pub(super) fn spelled_forms() -> impl Iterator<Item = (&'static str, Meaning)> {
    table().words.iter().filter(|(word, m)| word.len() > 3 && m.class != Class::FirstName).map(|(w, m)| (*w, *m))
}

/// The number of a word in a name, if it is a numeral there.
pub(super) fn numeral(word: &str) -> Option<u32> {
    numeral::value(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_and_abbreviations() {
        assert_eq!(meaning("SANT").map(|m| m.canonical), Some(SAINT));
        assert_eq!(meaning("GEN").map(|m| (m.canonical, m.class)), Some(("GENERALE", Class::Title)));
        assert_eq!(meaning("DELLA").map(|m| m.class), Some(Class::Preposition));
        assert_eq!(meaning("SCAZZOLA"), None);
        for word in ["VLE", "PZZA", "FLLI", "SNC", "CDA", "STA", "LGO"] {
            assert!(is_abbreviation(word), "{word}");
        }
        assert!(!is_abbreviation("GB") && !is_abbreviation("VIA"));
    }
}
