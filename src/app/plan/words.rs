//! Why a household is left out and what would change it, in words.

use std::collections::BTreeMap;

use crate::{
    casework::{
        moment::Clock,
        plan::{Crowded, Reason, Relaxation},
    },
    logistics::{
        allocation,
        check::{Breach, Wrong},
        plan,
    },
    roads::plane::Unsnapped,
};

/// It has no place.
pub(super) fn no_place() -> Reason {
    Reason::new("no_place", "la famiglia non ha un luogo sulla mappa", "the household has no place on the map")
}

/// No road is near.
pub(super) fn unsnapped(why: Unsnapped) -> Reason {
    match why {
        Unsnapped::NoRoads => {
            Reason::new("no_roads", "nessuna strada è aperta a questo mezzo", "no road is open to this vehicle")
        }
        Unsnapped::TooFar { m } => Reason::new(
            "far_from_roads",
            format!("la strada più vicina è a {m:.0} m"),
            format!("the nearest road is {m:.0} m away"),
        ),
        Unsnapped::Island => Reason::new(
            "island",
            "le strade vicine non sono collegate alle altre",
            "the roads nearby are not joined to the others",
        ),
        Unsnapped::Closed => Reason::new("road_closed", "la strada è chiusa", "the road is closed"),
    }
}

/// No way leads there from any depot.
pub(super) fn cut_off() -> Reason {
    Reason::new(
        "unreachable",
        "nessuna strada aperta vi arriva dai depositi",
        "no open road leads there from the depots",
    )
}

/// Nothing was left to give.
pub(super) fn not_given(why: allocation::Reason) -> Reason {
    let (it, en) = match why {
        allocation::Reason::Depot => ("nel deposito non ci sono kit", "no kit lies at the depot"),
        allocation::Reason::Needs => ("nessun kit risponde ai bisogni", "no kit meets the needs"),
        allocation::Reason::Size => {
            ("nessun kit è per una famiglia così numerosa", "no kit is for a household of this size")
        }
        allocation::Reason::Expired => ("i kit adatti sono scaduti", "the kits that suit are past their day"),
        allocation::Reason::Exhausted => {
            ("i kit adatti sono finiti con chi viene prima", "the kits that suit went to those who come first")
        }
    };
    let code = if why == allocation::Reason::Exhausted { "no_stock" } else { why.code() };
    Reason::new(code, it, en)
}

/// Why it is served from a depot.
pub(super) fn source(source: &allocation::Source, titles: &BTreeMap<&str, &str>) -> Reason {
    let title = |depot: &str| titles.get(depot).map_or_else(|| depot.to_owned(), |title| (*title).to_owned());
    let (depot, minutes) = (title(&source.leg.depot), source.leg.time_s.div_ceil(60));
    let passed: Vec<String> = source.passed.iter().map(|depot| title(depot)).collect();
    let passed = passed.join(", ");
    if source.leg.crew == allocation::Crew::None {
        return Reason::new(
            "depot_without_crew",
            format!("da {depot}, da cui non parte nessuna squadra: altrove i kit adatti non bastano"),
            format!("from {depot}, where no crew sets out: elsewhere there are not enough kits that suit"),
        );
    }
    if passed.is_empty() {
        let it = format!("da {depot}, il deposito più vicino: {minutes} min");
        return Reason::new("nearest_depot", it, format!("from {depot}, the nearest depot: {minutes} min"));
    }
    Reason::new(
        "nearer_depots_short",
        format!("da {depot}, a {minutes} min: più vicino ({passed}) i kit adatti non bastano"),
        format!("from {depot}, {minutes} min away: nearer ({passed}) there are not enough kits that suit"),
    )
}

/// It would be served with more stock.
pub(super) fn more_stock(units: u32) -> Relaxation {
    let (it, en) = match units {
        1 => ("con un altro kit adatto".to_owned(), "with one more kit that suits".to_owned()),
        _ => (format!("con altri {units} kit adatti"), format!("with {units} more kits that suit")),
    };
    Relaxation { it: it.into(), en: en.into() }
}

/// The points that were chosen have no room for some.
pub(super) fn crowded(households: u32, units: f64, short: f64) -> Crowded {
    let (it, en) = if short > 0.0 {
        (
            format!(
                "i punti sono troppo piccoli: mancano posti per {short:.0} unità, {households} famiglie restano fuori"
            ),
            format!("the points are too small by {short:.0} units: there is no room for {households} households"),
        )
    } else {
        (
            format!("i punti scelti non hanno posto per {households} famiglie ({units:.0} unità)"),
            format!("the chosen points have no room for {households} households ({units:.0} units)"),
        )
    };
    Crowded { households, units, short, it: it.into(), en: en.into() }
}

/// No run serves it.
pub(super) fn unassigned(why: plan::Reason) -> Reason {
    let (it, en) = match why {
        plan::Reason::Unreachable => ("nessuna strada aperta vi arriva", "no open road leads there"),
        plan::Reason::Skills => ("nessuna squadra ha le capacità che servono", "no crew has the skills"),
        plan::Reason::Territory => ("nessuna squadra parte dal suo deposito", "no crew starts from its depot"),
        plan::Reason::Locked => {
            ("è fissata a una squadra che non può servirla", "it is held by a crew that cannot come")
        }
        plan::Reason::Capacity => ("il carico non basta", "it does not fit on board"),
        plan::Reason::Window => ("la sua fascia oraria non può essere rispettata", "its window cannot be met"),
        plan::Reason::OtherWindows => {
            ("le tappe dopo perderebbero la loro fascia", "the stops after it would miss their windows")
        }
        plan::Reason::Shift => ("il turno è troppo corto", "the shift is too short"),
        plan::Reason::Break => ("la pausa non starebbe nei tempi", "the pause would not be in time"),
        plan::Reason::Tasks => ("la squadra ha già le sue tappe", "the crew has its most stops"),
        plan::Reason::TravelTime => ("la squadra è già troppo in viaggio", "the crew is long enough on the road"),
        plan::Reason::Distance => ("la squadra ha già i suoi chilometri", "the crew drives far enough"),
        plan::Reason::Several => ("a ogni squadra si oppone qualcosa di diverso", "each crew has another obstacle"),
        plan::Reason::Effort => ("la ricerca non ha trovato di meglio", "the search found nothing better"),
    };
    Reason::new(why.key(), it, en)
}

/// What would change it.
pub(super) fn relaxation(
    change: &plan::Relaxation,
    crew: &dyn Fn(u64) -> String,
    skills: &dyn Fn(&[u32]) -> String,
) -> Relaxation {
    use plan::Relaxation as Change;
    let minutes = |seconds: i64| (seconds.max(0) + 59) / 60;
    let (it, en) = match change {
        Change::WindowEarlier { by_s, .. } => {
            let by = minutes(*by_s);
            (format!("se la fascia si aprisse {by} minuti prima"), format!("if its window opened {by} minutes earlier"))
        }
        Change::WindowLater { by_s, .. } => {
            let by = minutes(*by_s);
            (format!("se la fascia si chiudesse {by} minuti dopo"), format!("if its window closed {by} minutes later"))
        }
        Change::ShiftEarlier { by_s, vehicle } => {
            let (by, who) = (minutes(*by_s), crew(*vehicle));
            (format!("se {who} partisse {by} minuti prima"), format!("if {who} began {by} minutes earlier"))
        }
        Change::ShiftLater { by_s, vehicle } => {
            let (by, who) = (minutes(*by_s), crew(*vehicle));
            (format!("se {who} finisse {by} minuti dopo"), format!("if {who} ended {by} minutes later"))
        }
        Change::Capacity { by, vehicle, .. } => {
            let who = crew(*vehicle);
            (format!("se {who} portasse {by} unità in più"), format!("if {who} carried {by} units more"))
        }
        Change::Tasks { by, vehicle } => {
            let who = crew(*vehicle);
            (format!("se {who} facesse {by} tappe in più"), format!("if {who} made {by} stops more"))
        }
        Change::TravelTime { by_s, vehicle } => {
            let (by, who) = (minutes(*by_s as i64), crew(*vehicle));
            (format!("se {who} viaggiasse {by} minuti in più"), format!("if {who} drove {by} minutes more"))
        }
        Change::Distance { by_m, vehicle } => {
            let who = crew(*vehicle);
            (format!("se {who} facesse {by_m} m in più"), format!("if {who} drove {by_m} m more"))
        }
        Change::Skill { skills: lacking, vehicle } => {
            let (what, who) = (skills(lacking), crew(*vehicle));
            (format!("se {who} avesse: {what}"), format!("if {who} had: {what}"))
        }
        Change::Territory { vehicle } => {
            let who = crew(*vehicle);
            (format!("se {who} partisse dal suo deposito"), format!("if {who} started from its depot"))
        }
        Change::Unlock { vehicle } => {
            let who = crew(*vehicle);
            (format!("se fosse libera di passare a {who}"), format!("if it were free to go to {who}"))
        }
        Change::Crew { like, skills: lacking } if lacking.is_empty() => {
            let who = crew(*like);
            (format!("con una squadra in più come {who}"), format!("with one more crew like {who}"))
        }
        Change::Crew { like, skills: lacking } => {
            let (what, who) = (skills(lacking), crew(*like));
            (
                format!("con una squadra in più come {who}, con: {what}"),
                format!("with one more crew like {who}, with: {what}"),
            )
        }
    };
    Relaxation { it: it.into(), en: en.into() }
}

/// What a change by hand would get wrong.
pub(super) fn breach(breach: &Breach) -> Reason {
    let minutes = |seconds: i64| (seconds.max(0) + 59) / 60;
    let (it, en) = match &breach.kind {
        Wrong::Inconsistent(_) => ("il piano non torna".to_owned(), "the plan does not add up".to_owned()),
        Wrong::Unreachable => ("nessuna strada aperta vi arriva".to_owned(), "no open road leads there".to_owned()),
        Wrong::Early { by_s } => {
            let by = minutes(*by_s);
            (format!("{by} minuti prima della fascia"), format!("{by} minutes before its window"))
        }
        Wrong::Late { by_s } => {
            let by = minutes(*by_s);
            (format!("{by} minuti dopo la fascia"), format!("{by} minutes after its window"))
        }
        Wrong::Shift { by_s } => {
            let by = minutes(*by_s);
            (format!("{by} minuti fuori dal turno"), format!("{by} minutes out of the shift"))
        }
        Wrong::Load { by, .. } => (format!("{by} unità di troppo a bordo"), format!("{by} units too many on board")),
        Wrong::Tasks { by } => (format!("{by} tappe di troppo"), format!("{by} stops too many")),
        Wrong::TravelTime { by_s } => {
            let by = minutes(*by_s as i64);
            (format!("{by} minuti di viaggio di troppo"), format!("{by} minutes too long on the road"))
        }
        Wrong::Distance { by_m } => (format!("{by_m} m di troppo"), format!("{by_m} m too far")),
        Wrong::Skills => ("la squadra non ha le capacità".to_owned(), "the crew has not the skills".to_owned()),
        Wrong::Territory => ("il kit è in un altro deposito".to_owned(), "the kit lies at another depot".to_owned()),
        Wrong::MissingBreak(_) => ("salta una pausa".to_owned(), "a pause is not taken".to_owned()),
        Wrong::Precedence(_) => ("consegna prima del ritiro".to_owned(), "brought before it is fetched".to_owned()),
        Wrong::Lock(_) => ("la tappa è fissata".to_owned(), "the stop is held".to_owned()),
        Wrong::Done => ("tocca tappe già fatte".to_owned(), "it touches what is done".to_owned()),
    };
    Reason::new(breach.kind.key(), it, en)
}

/// Seconds from midnight as a time of the day, within what can be written.
pub(super) fn clock(seconds: i64) -> Clock {
    let seconds = u32::try_from(seconds.max(0)).unwrap_or(u32::MAX).min(48 * 3600);
    Clock::from_seconds(seconds).unwrap_or_default()
}
