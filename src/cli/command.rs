//! The commands: open the store, do one thing, report it.

use std::{fmt::Write as _, sync::Arc};

use jiff::Zoned;
use serde_json::json;

use super::{
    argument::{
        CivicTableArguments, Cli, Command, ExplainArguments, ExportArguments, GeocodeArguments, HeldArguments,
        ImportArguments, MoveArguments, RefreshArguments, ReviewCommand, ServeArguments, SitingCommand, SynthArguments,
        TokenCommand,
    },
    progress::{Bar, Visibility},
    report::{self, Form, Report},
    vrp,
};
use crate::{
    access::Actor,
    app::{
        self, Error,
        export::{ExportOrder, Narrowing},
        geocode::GeocodeOrder,
        import::{CivicTable, ImportOrder, LayerOrder, SourceOutcome},
        refresh::RefreshOrder,
    },
    domain::{place::StreetId, record::RecordKey, watch::Watch as _},
    query::filter::Lang,
    store::{self, Fault, Opened, StoreError},
};

/// How a command ended.
#[derive(Debug)]
pub enum Done {
    /// It did what was asked.
    Well,
    /// It did, and some of what was given was refused: exit code 3.
    Partly,
    /// It found the store damaged: exit code 4.
    Damaged,
    /// Someone did not want to wait for a clean point: exit code 130.
    Interrupted,
    /// The rest is for the server: serve this folder.
    Serve(ServeArguments),
    /// Serve the demo that was just made, and print its tokens first.
    Demo {
        /// What to serve.
        serve: ServeArguments,
        /// Role and token.
        tokens: Vec<(String, String)>,
    },
}

/// Runs a command to its end, or to where the server takes over.
pub async fn run(cli: Cli) -> Result<Done, Error> {
    let form = if cli.json { Form::Json } else { Form::Text };
    let bar = Arc::new(Bar::new(if cli.quiet || cli.json { Visibility::Hidden } else { Visibility::Shown }));
    tokio::select! {
        ended = obey(cli.command, &bar, form) => {
            bar.clear();
            ended
        }
        () = interrupted_twice(&bar) => Ok(Done::Interrupted),
    }
}

async fn obey(command: Command, bar: &Arc<Bar>, form: Form) -> Result<Done, Error> {
    match command {
        Command::Import(arguments) => import(arguments, bar, form).await,
        Command::Refresh(arguments) => refresh(arguments, bar, form).await,
        Command::Geocode(arguments) => geocode(arguments, bar, form).await,
        Command::Export(arguments) => export(arguments, bar, form).await,
        Command::Explain(arguments) => explain(&arguments, bar, form).await,
        Command::Review(arguments) => review(arguments.command, bar, form).await,
        Command::Token(arguments) => token(arguments.command, form).await,
        Command::Check(arguments) => check(&arguments.held, form).await,
        Command::Move(arguments) => carry(&arguments, bar, form).await,
        Command::Siting(arguments) => siting(arguments.command, bar, form).await,
        Command::Vrp(arguments) => vrp::run(arguments.command, bar).await,
        Command::Synth(arguments) => synth(&arguments, bar, form).await,
        Command::Serve(arguments) => Ok(Done::Serve(arguments)),
        Command::Demo(arguments) => super::demo::demo(arguments, bar).await,
    }
}

/// The first Ctrl-C asks the work to stop at its next clean point, the second does not wait for it.
async fn interrupted_twice(bar: &Bar) {
    if tokio::signal::ctrl_c().await.is_ok() {
        bar.cancel();
        if tokio::signal::ctrl_c().await.is_ok() {
            return;
        }
    }
    // Where the keyboard cannot be heard, nobody interrupts.
    std::future::pending::<()>().await;
}

pub(super) fn operator() -> Actor {
    let name = std::env::var("USER").unwrap_or_else(|_| "operator".to_owned());
    Actor::local_operator(&name)
}

fn print(report: &Report, form: Form, done: Done) -> Result<Done, Error> {
    match report.print(form) {
        // Whoever read the report has read enough of it.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(done),
        Err(error) => Err(Error::internal(error)),
        Ok(()) => Ok(done),
    }
}

async fn open(held: &HeldArguments) -> Result<Opened, Error> {
    Ok(store::open(&held.store.place()?, held.comune).await?)
}

fn table(arguments: &CivicTableArguments) -> CivicTable {
    CivicTable { map: arguments.map.clone(), crs: arguments.map.as_ref().map(|_| arguments.crs.clone()) }
}

async fn import(arguments: ImportArguments, bar: &Bar, form: Form) -> Result<Done, Error> {
    let mut banks = arguments.banks.clone();
    if let Some(folder) = &arguments.banks_folder {
        for (bank, file) in app::import::banks_in(folder)? {
            if !banks.iter().any(|(named, _)| *named == bank) {
                banks.push((bank, file));
            }
        }
    }
    banks.sort_by_key(|(bank, _)| *bank);
    let mut layers = Vec::new();
    for layer in &arguments.layers {
        let name = layer.name.parse().map_err(|error| Error::invalid("--layer", error))?;
        layers.push(LayerOrder { name, file: layer.file.clone(), table: layer.table.clone() });
    }
    let reference = arguments.civics.is_empty() && arguments.civic_points.is_none() && layers.is_empty();
    if reference && arguments.roads.is_none() && banks.is_empty() {
        return Err(Error::invalid("import", "nothing to import: name --civics, --layer, --roads, --bank or --banks"));
    }
    let order = ImportOrder {
        comune: arguments.comune,
        civics: arguments.civics.clone(),
        table: table(&arguments.table),
        civic_points: arguments.civic_points.clone(),
        layers,
        roads: arguments.roads.clone(),
        banks,
    };
    let home = store::create(&arguments.store.place()?, arguments.comune).await?;
    let imported = app::import::import(home.store().as_ref(), order, bar).await?;
    home.close().await?;
    bar.clear();
    let refused = imported.sources.iter().any(|source| matches!(source.state, SourceOutcome::Refused(_)));
    print(&report::of_import(&imported), form, if refused { Done::Partly } else { Done::Well })
}

async fn refresh(arguments: RefreshArguments, bar: &Bar, form: Form) -> Result<Done, Error> {
    let model = match &arguments.model {
        Some(path) => {
            let place = path.display().to_string();
            Some(std::fs::read_to_string(path).map_err(|error| Error::invalid(&place, error))?)
        }
        None => None,
    };
    let as_of = arguments.as_of.unwrap_or_else(|| Zoned::now().date());
    let home = open(&arguments.held).await?;
    let report = app::refresh::refresh(home.store().as_ref(), RefreshOrder { as_of, model }, bar).await?;
    home.close().await?;
    bar.clear();
    print(&report::of_refresh(&report), form, Done::Well)
}

async fn geocode(arguments: GeocodeArguments, bar: &Bar, form: Form) -> Result<Done, Error> {
    let order = GeocodeOrder {
        civics: arguments.civics.clone(),
        table: table(&arguments.table),
        comune: arguments.comune,
        input: arguments.input,
        column: arguments.column,
        output: arguments.output,
    };
    let report = app::geocode::geocode(&order, bar).await?;
    bar.clear();
    print(&report::of_geocode(&report), form, if report.unreadable > 0 { Done::Partly } else { Done::Well })
}

async fn export(arguments: ExportArguments, bar: &Bar, form: Form) -> Result<Done, Error> {
    let resolution = match arguments.resolution {
        Some(number) => Some(h3o::Resolution::try_from(number).map_err(|error| Error::invalid("--resolution", error))?),
        None => None,
    };
    let order = ExportOrder {
        subject: arguments.subject,
        output: arguments.output.clone(),
        format: arguments.format,
        resolution,
        narrowing: arguments.filter.map(|text| Narrowing { text, lang: Lang::Text }),
        actor: operator(),
    };
    let home = open(&arguments.held).await?;
    let app::export::Exported { rows, left_out } = app::export::export(home.store(), &order, bar).await?;
    home.close().await?;
    bar.clear();
    let file = arguments.output.display().to_string();
    let mut text = format!("{rows} rows in {file}\n");
    if left_out > 0 {
        let _ = writeln!(text, "{left_out} rows have no place and are not in it: a table holds them");
    }
    let report = report::plain(text, json!({ "rows": rows, "left_out": left_out, "file": file }));
    print(&report, form, Done::Well)
}

async fn token(command: TokenCommand, form: Form) -> Result<Done, Error> {
    let actor = operator();
    let report = match command {
        TokenCommand::Add { held, role, name } => {
            let home = open(&held).await?;
            let secret = app::account::add_token(home.store(), &actor, role, &name).await?;
            home.close().await?;
            let json = json!({ "name": name, "role": role.key(), "token": secret.reveal() });
            report::plain(format!("{}\n", secret.reveal()), json)
        }
        TokenCommand::List { held } => {
            report::of_tokens(&app::account::list_tokens(open(&held).await?.store().as_ref(), &actor).await?)
        }
        TokenCommand::Revoke { held, name, role } => {
            let home = open(&held).await?;
            app::account::revoke_token(home.store(), &actor, &name, role).await?;
            home.close().await?;
            report::plain(format!("{name} is revoked\n"), json!({ "name": name, "revoked": true }))
        }
    };
    print(&report, form, Done::Well)
}

async fn explain(arguments: &ExplainArguments, bar: &Bar, form: Form) -> Result<Done, Error> {
    let record = RecordKey { bank: arguments.bank, row: arguments.row };
    let explained = app::explain::explain(open(&arguments.held).await?.store(), &operator(), record, bar).await?;
    bar.clear();
    print(&report::of_explanation(&explained), form, Done::Well)
}

async fn review(command: ReviewCommand, bar: &Bar, form: Form) -> Result<Done, Error> {
    match command {
        ReviewCommand::List { held, output } => {
            let groups = app::review::groups(open(&held).await?.store(), &operator(), bar).await?;
            let table = app::review::table(&groups);
            app::export::write_csv(&table, &output, bar)?;
            bar.clear();
            let (rows, file) = (table.rows().len(), output.display().to_string());
            let report =
                report::plain(format!("{rows} spellings in {file}\n"), json!({ "spellings": rows, "file": file }));
            print(&report, form, Done::Well)
        }
        ReviewCommand::Settle { held, spelling, street } => {
            app::review::settle(open(&held).await?.store(), &operator(), &spelling, StreetId(street), bar).await?;
            bar.clear();
            let text = "settled: rows written so are placed anew at the next refresh\n".to_owned();
            print(&report::plain(text, json!({ "settled": true, "street": street })), form, Done::Well)
        }
    }
}

async fn check(held: &HeldArguments, form: Form) -> Result<Done, Error> {
    let place = held.store.place()?;
    let faults = match store::open(&place, held.comune).await {
        Ok(home) => home.store().check().await?,
        // What cannot even be opened is damage too.
        Err(error @ (StoreError::Corrupt(_) | StoreError::Foreign(_))) => {
            vec![Fault { place: place.to_string(), reason: error.to_string() }]
        }
        Err(error) => return Err(error.into()),
    };
    print(&report::of_check(&faults), form, if faults.is_empty() { Done::Well } else { Done::Damaged })
}

async fn carry(arguments: &MoveArguments, bar: &Bar, form: Form) -> Result<Done, Error> {
    let (from, to) = arguments.places()?;
    let carriage = app::carry::carry(&from, &to, arguments.comune, bar).await?;
    bar.clear();
    let (comune, rows) = (carriage.comune.to_string(), carriage.rows);
    let hash = &carriage.digest;
    let text = format!(
        "{comune} is in {to}: {rows} rows, all the same (blake3 {hash}), {} entries of the audit log\n\
         {from} is as it was: end its servers, then put it away\n",
        carriage.audit_entries
    );
    let json = json!({ "comune": comune, "rows": rows, "hash": hash, "audit_entries": carriage.audit_entries });
    print(&report::plain(text, json), form, Done::Well)
}

async fn siting(command: SitingCommand, bar: &Arc<Bar>, form: Form) -> Result<Done, Error> {
    let SitingCommand::Solve { input, seed } = command;
    let bar = Arc::clone(bar);
    let answer = app::siting::solve(&input, seed, Arc::clone(&bar) as _).await?;
    bar.clear();
    // The answer is for a machine: a person is told beside it.
    let crowded = &answer["crowded"];
    if let Some(count) = crowded["demands"].as_array().map(Vec::len).filter(|count| *count > 0) {
        let short = crowded["short"].as_f64().unwrap_or(0.0);
        let why = if short > 0.0 {
            format!("all sites together are {short} too small")
        } else {
            "each is taken whole".into()
        };
        tracing::warn!("no room at the sites for {count} demands that weigh {}: {why}", crowded["weight"]);
    }
    print(&report::plain(format!("{answer}\n"), answer), form, Done::Well)
}

async fn synth(arguments: &SynthArguments, bar: &Bar, form: Form) -> Result<Done, Error> {
    bar.begin("inventing the town", 0);
    let files = app::invent::write_town(arguments.households, arguments.seed, &arguments.out).await?;
    let list: Vec<_> = files.iter().map(|(name, bytes)| json!({ "file": name, "bytes": bytes })).collect();
    let mut text = String::new();
    for (name, bytes) in &files {
        let _ = writeln!(text, "{bytes:>12}  {name}");
    }
    print(&report::plain(text, json!({ "files": list })), form, Done::Well)
}
