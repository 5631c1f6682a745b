//! The binary: parse, run, and serve where that was asked.
//!
//! Exit codes: 0 done · 1 failed · 2 the command line makes no sense · 3 done, but some of what was given was refused ·
//! 4 the store is damaged · 130 stopped from the keyboard.

use std::{io::Write as _, process::ExitCode, sync::Arc};

use anyhow::Context as _;
use atlante::{
    app::{App, load, plan},
    cli::{self, Cli, Done, ServeArguments},
    http::{self, Limits, Server},
    store,
};
use clap::Parser as _;
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let filter = EnvFilter::try_from_env("ATLANTE_LOG").unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn"));
    tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).init();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.into()),
    };
    match runtime.block_on(run(cli)) {
        Ok(code) => code,
        Err(error) => fail(&error),
    }
}

fn fail(error: &anyhow::Error) -> ExitCode {
    // Standard error may be closed: there is nobody left to tell.
    let _ = writeln!(std::io::stderr(), "atlante: {error:#}");
    ExitCode::FAILURE
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    Ok(match cli::run(cli).await? {
        Done::Well => ExitCode::SUCCESS,
        Done::Partly => ExitCode::from(3),
        Done::Damaged => ExitCode::from(4),
        Done::Interrupted => ExitCode::from(130),
        Done::Serve(arguments) => {
            serve(arguments, &[]).await?;
            ExitCode::SUCCESS
        }
        Done::Demo { serve: arguments, tokens } => {
            serve(arguments, &tokens).await?;
            ExitCode::SUCCESS
        }
    })
}

async fn serve(arguments: ServeArguments, tokens: &[(String, String)]) -> anyhow::Result<()> {
    let home = store::open(&arguments.held.store.place()?, arguments.held.comune).await?;
    let store = home.store();
    let app = Arc::new(App::new(Arc::clone(&store)));
    let served = load::load(&app, &store).await?;
    if served.is_none() {
        tracing::warn!("nothing to serve yet: run `atlante refresh`, then start again");
    }
    let listener =
        TcpListener::bind(arguments.listen).await.with_context(|| format!("cannot listen on {}", arguments.listen))?;
    let address = listener.local_addr()?;
    let server = Server::new(Arc::clone(&app), arguments.public_url.as_deref());
    let url = arguments.public_url.unwrap_or_else(|| format!("http://{address}"));
    let following = tokio::spawn(load::follow(Arc::clone(&app), store, served));
    let planning = tokio::spawn(plan::follow(Arc::clone(&app)));
    {
        let mut out = std::io::stdout().lock();
        writeln!(out, "Atlante: {url}/")?;
        for (role, token) in tokens {
            writeln!(out, "  token {role:<18} {token}")?;
        }
        out.flush()?;
    }
    http::run(listener, server, Limits::default(), http::told_to_stop()).await?;
    following.abort();
    planning.abort();
    plan::stop(&app);
    // Its end is what we wait for, not how it ended.
    let _ = tokio::join!(following, planning);
    // Nobody asks any more.
    Ok(home.close().await?)
}
