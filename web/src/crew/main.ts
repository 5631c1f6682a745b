/** The crew's page: a link's token comes in the fragment, is kept on the telephone, and leaves as Bearer alone. */
import "./crew.css";
import { Closed, fetchRun, type Outcome, type Run, type Stop } from "./api";
import { now, recall, skew } from "./clock";
import { dropShift, events as keptEvents, follow, keepEvent, keepShift, looseEvents, shifts, takeBack, type Kept } from "./store";
import { sync, UNDO_MS, waits } from "./sync";
import { nextStop, paintBar, paintMain, type Acts, type Screen } from "./view";
import { speak, spoken, t } from "./words";
import { h, one } from "../ui/dom";

/** Between two looks at the server. */
const LOOK_MS = 30_000;
/** A second tap so soon was meant for the stop before. */
const TWICE_MS = 600;
const LANG = "atlante-crew-lang";

const screen: Screen = { shift: null, events: [], chosen: null, counting: null, note: "", online: navigator.onLine, sending: false, closed: false, changed: false, loading: true, waiting: false, loose: 0 };
let token = "";

/** Paints; where the focus was on the card and the card is another, it goes to the new one's title. */
function paint(focus: "stay" | "title" | "units" = "stay"): void {
  const held = document.activeElement;
  const [id, outcome] = [held?.id, held?.getAttribute("data-outcome")];
  paintBar(screen, acts);
  paintMain(screen, acts);
  const found = focus === "title" ? document.getElementById("stop") : focus === "units" ? document.getElementById("units") : outcome ? document.querySelector<HTMLElement>(`[data-outcome="${outcome}"]`) : id ? document.getElementById(id) : null;
  found?.focus({ preventScroll: focus !== "title" });
  if (focus === "title") window.scrollTo({ top: 0 });
}

async function reload(): Promise<void> {
  const { shift } = screen;
  const all = await keptEvents();
  screen.events = shift ? all.filter((event) => event.plan === shift.run.plan.id && event.run === shift.run.run.id) : all;
  screen.loose = looseEvents();
}

let fading = 0;

function toast(text: string, undo?: () => void): void {
  window.clearTimeout(fading);
  const button = undo ? h("button", { type: "button", id: "undo", onclick: undo }, t("undo")) : null;
  one("toast").replaceChildren(h("span", {}, text), ...(button ? [button] : []));
  fading = window.setTimeout(() => one("toast").replaceChildren(), UNDO_MS);
}

let marked = -TWICE_MS;

async function mark(stop: Stop, outcome: Outcome, units?: number): Promise<void> {
  const { shift } = screen;
  const tapped = performance.now();
  if (!shift || tapped - marked < TWICE_MS) return;
  marked = tapped;
  const note = screen.note.trim();
  const event: Kept = {
    key: crypto.randomUUID(),
    code: stop.code,
    outcome,
    ...(units === undefined ? {} : { units }),
    ...(note ? { note } : {}),
    // Of two marks of a stop the later counts: it stays the later whatever the clock does.
    at: new Date(Math.max(now(), ...screen.events.filter(({ code }) => code === stop.code).map(({ at }) => 1 + Date.parse(at)))).toISOString(),
    plan: shift.run.plan.id,
    run: shift.run.run.id,
    after: Date.now() + UNDO_MS,
    turn: 1 + Math.max(0, ...screen.events.map(({ turn = 0 }) => turn)),
    state: "queued",
  };
  // On the telephone's disk first: what the crew has seen marked is never lost, or the page says that the disk is full.
  await keepEvent(event);
  Object.assign(screen, { note: "", counting: null, chosen: null, changed: false });
  await reload();
  paint("title");
  toast(t("told", { n: stop.n, outcome: t(outcome) }), () => void undo(event, stop));
  remind();
}

let reminder = 0;

/** Looks again when the next event may leave. */
function remind(): void {
  const due = screen.events.filter((event) => event.state === "queued").map(waits).filter((left) => left > 0);
  window.clearTimeout(reminder);
  if (due.length > 0) reminder = window.setTimeout(() => void look(), Math.min(...due) + 50);
}

async function undo(event: Kept, stop: Stop): Promise<void> {
  if (await takeBack(event.key)) toast(t("undone", { n: stop.n }));
  screen.chosen = stop.code;
  screen.note = event.note ?? "";
  await reload();
  paint("title");
}

const acts: Acts = {
  mark: (stop, outcome, units) => void mark(stop, outcome, units),
  choose: (code) => {
    Object.assign(screen, { chosen: code, counting: null, note: "", changed: false });
    paint("title");
  },
  count: (stop, units) => {
    const opened = screen.counting === null;
    screen.counting = units === null ? null : { code: stop.code, units };
    paint(opened ? "units" : "stay");
  },
  write: (note) => {
    screen.note = note;
  },
  switchLang: () => {
    speak(spoken() === "it" ? "en" : "it");
    try {
      localStorage.setItem(LANG, spoken());
    } catch {
      // A telephone without room speaks this language until it is closed.
    }
    paint();
  },
  retry: () => void look(),
};

/** What the run is made of, apart from outcomes: when that changes the crew is told. */
const shape = (run: Run): string => JSON.stringify(run.run.stops.map(({ outcome: _, ...rest }) => rest));

/** Takes a run that the server sent. */
async function take(run: Run): Promise<boolean> {
  const before = screen.shift?.run;
  const same = before !== undefined && JSON.stringify(before) === JSON.stringify(run);
  if (same && screen.shift?.skew === skew()) return false;
  screen.changed ||= before !== undefined && shape(before) !== shape(run);
  screen.shift = { token, run, current: Date.now(), skew: skew() };
  await keepShift(screen.shift);
  return true;
}

let looking = false;

/** Sends what waits, then asks how the run stands. */
async function look(): Promise<void> {
  if (looking || !token) return;
  looking = true;
  const before = standing();
  try {
    const fresh = screen.shift === null;
    // A new link of a run takes along what an older one of it could not send.
    if (fresh) await take(await fetchRun(token));
    forgetLink();
    if (!screen.shift) return;
    screen.sending = true;
    paintBar(screen, acts);
    const outcome = await sync(screen.shift);
    if (outcome === "offline") throw new Error("offline");
    if (outcome === "closed") throw new Closed();
    if (!fresh || outcome === "sent") await take(await fetchRun(token));
    Object.assign(screen, { online: true, closed: false });
  } catch (cause) {
    if (cause instanceof Closed) {
      screen.closed = true;
      forgetLink();
    } else screen.online = false;
  } finally {
    looking = false;
    Object.assign(screen, { sending: false, loading: false });
  }
  await reload();
  await expire();
  remind();
  if (before !== standing()) repaint();
  else paintBar(screen, acts);
}

/** All that the screen shows, apart from what is being typed and counted. */
const standing = (): string => JSON.stringify([screen.shift?.run, screen.events, screen.online, screen.closed, screen.waiting, screen.loose, skew()]);

/** Paints what came from elsewhere; who is typing goes on. */
function repaint(): void {
  if (document.activeElement?.id === "note") paintBar(screen, acts);
  else paint();
}

/** The token leaves the address bar when it has been used: until then it must outlast a page that is closed. */
function forgetLink(): void {
  screen.waiting = false;
  if (location.hash !== "") history.replaceState(null, "", "/crew");
}

/** Doors stay on a telephone no longer than the shift. */
async function expire(): Promise<void> {
  for (const shift of await shifts()) {
    const over = Date.parse(shift.run.expires) < now();
    if (over && shift.token === token) screen.closed = true;
    if (over) await dropShift(shift.token);
  }
}

/** The token of the link: from the fragment, which leaves the address bar at once, else the last one that was opened. */
async function shown(): Promise<string> {
  const fresh = /^#(atl_[0-9a-f]{64})$/.exec(location.hash)?.[1];
  const kept = (await shifts()).sort((a, b) => b.current - a.current);
  const shift = fresh ? kept.find((known) => known.token === fresh) : kept[0];
  screen.shift = shift ?? null;
  screen.waiting = fresh !== undefined && shift === undefined;
  recall(shift?.skew ?? 0);
  return fresh ?? shift?.token ?? "";
}

function remembered(): string | null {
  try {
    return localStorage.getItem(LANG);
  } catch {
    return null;
  }
}

async function begin(): Promise<void> {
  const lang = remembered() ?? navigator.language;
  speak(lang.startsWith("en") ? "en" : "it");
  token = await shown();
  screen.loading = token !== "";
  if (!screen.waiting) forgetLink();
  await expire();
  await reload();
  paint();
  await navigator.storage?.persist?.().catch(() => false);
  if ("serviceWorker" in navigator) navigator.serviceWorker.register("/crew/sw.js", { scope: "/crew" }).catch(() => undefined);
  await look();
  paint();
  if (screen.shift && nextStop(screen.shift, screen.events)) one("live").textContent = t("run", { n: screen.shift.run.run.number });
}

window.addEventListener("online", () => void look());
window.addEventListener("offline", () => {
  screen.online = false;
  paintBar(screen, acts);
});
window.addEventListener("hashchange", () => location.hash.startsWith("#atl_") && location.reload());
window.addEventListener("beforeunload", (event) => looseEvents() > 0 && event.preventDefault());
follow(() => void reload().then(repaint));
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && void look());
window.setInterval(() => document.visibilityState === "visible" && void look(), LOOK_MS);
void begin();
