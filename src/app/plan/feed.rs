//! Who listens to a plan hears how far it is, that another version holds, and how it went at the doors.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use serde_json::{Value, json};
use tokio::sync::watch;

use super::note;
use crate::{
    access::Actor,
    app::{App, Error},
    casework::plan::{Plan, PlanId, Progress, State, Story},
};

/// Who may listen at once.
const MAX_LISTENERS: usize = 256;

static LISTENING: AtomicUsize = AtomicUsize::new(0);

/// Somebody who listens to a plan; counted until dropped.
pub struct Listener {
    id: PlanId,
    told: watch::Receiver<()>,
    /// Version, state, outcomes told, and progress that were heard.
    heard: Option<(u32, State, usize, Progress)>,
    waiting: std::collections::VecDeque<News>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        LISTENING.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What a listener hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// `progress`, `version` or `outcome`.
    pub event: &'static str,
    /// JSON.
    pub text: String,
}

/// Somebody begins to listen to a plan. Errors: `Missing`; `Unavailable` where too many listen.
pub async fn listen(app: &App, actor: &Actor, id: PlanId) -> Result<Listener, Error> {
    note(app, actor, &format!("plan {id} followed"), 0).await?;
    app.plan(id).await?;
    let place = LISTENING.fetch_add(1, Ordering::Relaxed);
    let listener = Listener { id, told: app.desk.listen(), heard: None, waiting: std::collections::VecDeque::new() };
    if place < MAX_LISTENERS { Ok(listener) } else { Err(Error::Unavailable("too many listen".to_owned())) }
}

/// Waits for the next news of a plan: at first where it stands.
pub async fn news(app: &App, listener: &mut Listener) -> Option<News> {
    loop {
        if let Some(news) = listener.waiting.pop_front() {
            return Some(news);
        }
        listener.told.borrow_and_update();
        let plan = app.desk.known(listener.id)?;
        listener.hear(app, &plan);
        if listener.waiting.is_empty() && listener.told.changed().await.is_err() {
            return None;
        }
    }
}

impl Listener {
    fn hear(&mut self, app: &App, plan: &Arc<Plan>) {
        let progress = app.desk.workers.ticket(plan.id).map(|ticket| ticket.progress()).unwrap_or_default();
        let told = plan.told.values().map(Story::len).sum();
        let now = (plan.version, plan.state, told, progress);
        let heard = self.heard.replace(now.clone());
        let (version, state, told, progress) = now;
        let stands = || json!({ "version": version, "state": state, "reason": plan.reason }).to_string();
        match heard {
            None => self.say("version", stands()),
            Some((old_version, old_state, old_told, old_progress)) => {
                if (old_version, old_state) != (version, state) {
                    self.say("version", stands());
                }
                if told > old_told {
                    self.say("outcome", outcomes(plan).to_string());
                }
                if state == State::Computing && old_progress != progress {
                    self.say("progress", json!(progress).to_string());
                }
            }
        }
    }

    fn say(&mut self, event: &'static str, text: String) {
        self.waiting.push_back(News { event, text });
    }
}

/// How it went at every stop that somebody told of.
fn outcomes(plan: &Plan) -> Value {
    let last = plan.told.iter().filter_map(|(code, told)| Some((code, told.last()?)));
    let all: Vec<Value> = last.map(|(code, outcome)| json!({ "code": code, "outcome": outcome })).collect();
    json!({ "outcomes": all })
}
