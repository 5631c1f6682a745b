//! What came out of a command: text for people, JSON for programs.

use std::{
    fmt::Write as _,
    io::{self, Write as _},
};

use serde_json::{Value, json};

use crate::{
    app::{
        explain::Explained,
        export::source_name,
        geocode::GeocodeReport,
        import::{ImportReport, Outcome, SourceOutcome, SourceReport},
        rebuild::Rebuilt,
        refresh::RefreshReport,
    },
    domain::{bank::BankKind, reject::Reject},
    store::{Fault, Token},
};

/// A report in both forms.
pub(super) struct Report {
    pub(super) text: String,
    pub(super) json: Value,
}

impl Report {
    /// Writes one of the forms to standard output.
    pub(super) fn print(&self, form: Form) -> io::Result<()> {
        let mut out = io::stdout().lock();
        match form {
            Form::Text => out.write_all(self.text.as_bytes())?,
            Form::Json => writeln!(out, "{}", self.json)?,
        }
        out.flush()
    }
}

/// Which form is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// For people.
    Text,
    /// For programs.
    Json,
}

pub(super) fn of_import(report: &ImportReport) -> Report {
    let mut text = String::new();
    for source in &report.sources {
        text.push_str(&source_lines(source));
    }
    let mut rebuilt_form = Value::Null;
    match &report.outcome {
        Outcome::Rebuilt(rebuilt) => {
            text.push_str(&rebuilt_lines(rebuilt));
            rebuilt_form = rebuilt_json(rebuilt);
        }
        Outcome::Unchanged => text.push_str("nothing new: people and places stand as they were\n"),
        Outcome::NoBank => text.push_str("no bank is here yet: people and households come with the first one\n"),
    }
    let sources: Vec<Value> = report.sources.iter().map(source_json).collect();
    Report { text, json: json!({ "sources": sources, "rebuilt": rebuilt_form }) }
}

fn state_of(source: &SourceReport) -> &'static str {
    match source.state {
        SourceOutcome::Read => "read",
        SourceOutcome::Resumed => "resumed",
        SourceOutcome::Already => "already",
        SourceOutcome::Refused(_) => "refused",
    }
}

fn source_lines(source: &SourceReport) -> String {
    let name = source_name(&source.kind);
    if let SourceOutcome::Refused(reason) = &source.state {
        return format!("{name:<20} REFUSED  {reason}\n");
    }
    let mut lines = format!(
        "{name:<20} {:<8} {:>9} rows = {:>9} records + {} rejects{}  {}\n",
        state_of(source),
        source.totals.rows,
        source.totals.records,
        source.totals.rejects,
        if source.warnings > 0 { format!(", {} warnings", source.warnings) } else { String::new() },
        source.file,
    );
    for reject in &source.first_rejects {
        let _ = writeln!(lines, "  {reject}");
    }
    for warning in &source.first_warnings {
        let _ = writeln!(lines, "  warning: {warning}");
    }
    let shown = (source.first_rejects.len() + source.first_warnings.len()) as u64;
    if shown > 0 && source.totals.rejects + source.warnings > shown {
        lines.push_str("  … all of them: atlante export rejects\n");
    }
    lines
}

fn reject_json(reject: &Reject) -> Value {
    json!({ "file": reject.file, "row": reject.row, "column": reject.column, "reason": reject.reason })
}

fn source_json(source: &SourceReport) -> Value {
    let reason = match &source.state {
        SourceOutcome::Refused(reason) => Some(reason),
        _ => None,
    };
    json!({
        "source": source_name(&source.kind),
        "file": source.file,
        "state": state_of(source),
        "reason": reason,
        "rows": source.totals.rows,
        "records": source.totals.records,
        "rejects": source.totals.rejects,
        "warnings": source.warnings,
        "first_rejects": source.first_rejects.iter().map(reject_json).collect::<Vec<_>>(),
        "first_warnings": source.first_warnings.iter().map(reject_json).collect::<Vec<_>>(),
    })
}

fn rebuilt_lines(rebuilt: &Rebuilt) -> String {
    let (register, linkage) = (&rebuilt.register, &rebuilt.linkage);
    let mut lines = format!(
        "\nregister: {} streets, {} accesses, {} located ({} with the Comune's points), {} outside, {} far from their street\n",
        register.streets, register.accesses, register.located, register.borrowed, register.outside, register.far
    );
    let _ = writeln!(
        lines,
        "people: {} registered, {} known from other banks only, {} households",
        linkage.registered, linkage.unregistered, linkage.households
    );
    for bank in BankKind::ALL {
        let tiers: Vec<String> = linkage
            .tiers
            .iter()
            .filter(|(kind, ..)| *kind == bank)
            .map(|(_, tier, rows)| format!("{} {rows}", tier.name()))
            .collect();
        if !tiers.is_empty() {
            let _ = writeln!(lines, "  {:<18} {}", bank.name(), tiers.join(", "));
        }
    }
    lines.push_str("addresses:\n");
    for (bank, tally) in &rebuilt.places {
        let _ = writeln!(
            lines,
            "  {:<18} {:>8} rows: {} accepted, {} to review, {} rejected",
            bank.name(),
            tally.rows,
            tally.accepted,
            tally.review,
            tally.rejected
        );
    }
    lines
}

fn rebuilt_json(rebuilt: &Rebuilt) -> Value {
    let (register, linkage) = (&rebuilt.register, &rebuilt.linkage);
    let tiers: Vec<Value> = linkage
        .tiers
        .iter()
        .map(|(bank, tier, rows)| json!({ "bank": bank.name(), "tier": tier.name(), "rows": rows }))
        .collect();
    let places: Vec<Value> = rebuilt
        .places
        .iter()
        .map(|(bank, tally)| {
            json!({
                "bank": bank.name(),
                "rows": tally.rows,
                "accepted": tally.accepted,
                "review": tally.review,
                "rejected": tally.rejected,
            })
        })
        .collect();
    json!({
        "generation": rebuilt.generation.to_string(),
        "register": {
            "streets": register.streets,
            "accesses": register.accesses,
            "located": register.located,
            "borrowed": register.borrowed,
            "outside": register.outside,
            "far_from_street": register.far,
        },
        "people": { "registered": linkage.registered, "unregistered": linkage.unregistered },
        "households": linkage.households,
        "tiers": tiers,
        "addresses": places,
    })
}

pub(super) fn of_refresh(report: &RefreshReport) -> Report {
    let text = format!(
        "generation {} of {}: {} households placed, {} without a place, {} people; {} fragile by {} {}; {} kB\n",
        report.generation,
        report.as_of,
        report.placed,
        report.unplaced,
        report.people,
        report.fragile,
        report.model.0,
        report.model.1,
        report.snapshot_bytes / 1000,
    );
    let json = json!({
        "generation": report.generation,
        "as_of": report.as_of.to_string(),
        "model": { "id": report.model.0, "version": report.model.1 },
        "placed": report.placed,
        "unplaced": report.unplaced,
        "people": report.people,
        "fragile": report.fragile,
        "snapshot_bytes": report.snapshot_bytes,
    });
    Report { text, json }
}

pub(super) fn of_geocode(report: &GeocodeReport) -> Report {
    let a_second = report.rows * 1000 / report.geocoding_ms.max(1);
    let text = format!(
        "{} rows: {} accepted, {} to review, {} rejected, {} unreadable; {} streets, {} accesses; {} addresses a second\n",
        report.rows,
        report.accepted,
        report.review,
        report.rejected,
        report.unreadable,
        report.streets,
        report.accesses,
        a_second,
    );
    let json = json!({
        "rows": report.rows,
        "accepted": report.accepted,
        "review": report.review,
        "rejected": report.rejected,
        "unreadable": report.unreadable,
        "streets": report.streets,
        "accesses": report.accesses,
        "geocoding_ms": report.geocoding_ms,
    });
    Report { text, json }
}

pub(super) fn of_tokens(tokens: &[Token]) -> Report {
    let state = |token: &Token| token.revoked_at.map(|at| at.to_string());
    let mut text = String::new();
    for token in tokens {
        let revoked = state(token).map(|at| format!("  revoked {at}")).unwrap_or_default();
        let _ = writeln!(text, "{:<24} {:<18} {}{revoked}", token.name, token.role.key(), token.created_at);
    }
    let json = tokens
        .iter()
        .map(|token| {
            json!({
                "name": token.name,
                "role": token.role.key(),
                "created_at": token.created_at.to_string(),
                "revoked_at": state(token),
            })
        })
        .collect();
    Report { text, json }
}

pub(super) fn of_check(faults: &[Fault]) -> Report {
    let mut text = String::new();
    for fault in faults {
        let _ = writeln!(text, "{}: {}", fault.place, fault.reason);
    }
    if faults.is_empty() {
        text.push_str("the store is sound: pages, hashes, seals, row counts, audit chain\n");
    }
    let list: Vec<Value> = faults.iter().map(|fault| json!({ "place": fault.place, "reason": fault.reason })).collect();
    Report { text, json: json!({ "sound": faults.is_empty(), "faults": list }) }
}

pub(super) fn of_explanation(explained: &[Explained]) -> Report {
    let mut text = String::new();
    let mut list = Vec::new();
    for one in explained {
        text.push_str(&explanation_lines(one));
        list.push(explanation_json(one));
    }
    Report { text, json: json!({ "explained": list }) }
}

fn explanation_lines(one: &Explained) -> String {
    let link = &one.link;
    let mut lines =
        format!("{}, row {}: tier {}, score {:.4}", link.record.bank, link.record.row, link.tier.name(), link.score);
    if let Some(person) = link.person {
        let _ = write!(lines, ", person {}", person.0);
    }
    lines.push('\n');
    if let Some(waterfall) = &one.waterfall {
        let _ = writeln!(lines, "  {:<34} {:>8.2}", "before any comparison", waterfall.prior);
        for step in &waterfall.steps {
            let name = format!("{:?}: {}", step.comparison, step.level);
            let _ = writeln!(lines, "  {name:<34} {:>+8.2}   m {:.4}  u {:.6}", step.weight, step.m, step.u);
        }
        let _ = writeln!(lines, "  {:<34} {:>+8.2}", "rivals and household", waterfall.context);
        let _ = writeln!(lines, "  {:<34} {:>8.2}   probability {:.4}", "sum", waterfall.sum, waterfall.probability);
    }
    if let Some(address) = &one.address {
        let place = &address.placement;
        let (level, method) = (place.level.name(), place.method.name());
        let _ = writeln!(lines, "  address: {} {level} {method} {:.4}", place.status.name(), place.score);
        for candidate in &address.candidates {
            let faults = candidate.faults.join(" ");
            let _ = writeln!(lines, "    {:<40} {:>6.2}  {faults}", candidate.name, candidate.total_penalty);
        }
    }
    lines
}

fn explanation_json(one: &Explained) -> Value {
    let link = &one.link;
    let waterfall = one.waterfall.as_ref().map(|waterfall| {
        let step = |step: &crate::linkage::Step| {
            let comparison = format!("{:?}", step.comparison);
            json!({ "comparison": comparison, "level": step.level, "m": step.m, "u": step.u, "weight": step.weight })
        };
        json!({
            "prior": waterfall.prior,
            "steps": waterfall.steps.iter().map(step).collect::<Vec<_>>(),
            "context": waterfall.context,
            "sum": waterfall.sum,
            "probability": waterfall.probability,
        })
    });
    let address = one.address.as_ref().map(|address| {
        let candidate = |candidate: &crate::geocode::CandidateExplanation| {
            json!({
                "street_id": candidate.street.0,
                "street": candidate.name,
                "penalty": candidate.total_penalty,
                "level": candidate.level.name(),
                "faults": candidate.faults,
            })
        };
        json!({
            "status": address.placement.status.name(),
            "level": address.placement.level.name(),
            "method": address.placement.method.name(),
            "score": address.placement.score,
            "margin": address.margin,
            "candidates": address.candidates.iter().map(candidate).collect::<Vec<_>>(),
        })
    });
    json!({
        "bank": link.record.bank.name(),
        "row": link.record.row,
        "tier": link.tier.name(),
        "score": link.score,
        "person": link.person.map(|person| person.0),
        "household": link.household.map(|household| household.0),
        "waterfall": waterfall,
        "address": address,
    })
}

pub(super) fn plain(text: String, json: Value) -> Report {
    Report { text, json }
}
