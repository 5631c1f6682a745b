/** The crew's screen: what is next, one big button for what usually happens, the other outcomes below, then every stop. */
import { OUTCOMES, type Outcome, type Stop } from "./api";
import type { Kept, Shift } from "./store";
import { now, wrongBy } from "./clock";
import { spoken, t, type Key } from "./words";
import { h, one } from "../ui/dom";

/** How a stop stands: by the last that was marked here, else by what the server knows. */
export type Standing = { outcome: Outcome; units: number | null; from: "queued" | "synced" | "refused" | "server"; reason?: string; conflict?: Outcome };

export type Screen = {
  shift: Shift | null;
  events: Kept[];
  chosen: string | null;
  /** The stop whose units are being counted, and how many. */
  counting: { code: string; units: number } | null;
  note: string;
  online: boolean;
  sending: boolean;
  closed: boolean;
  changed: boolean;
  loading: boolean;
  /** A link that was opened without a network: its run is still to come. */
  waiting: boolean;
  /** Marks that the telephone's disk did not take. */
  loose: number;
};

export type Acts = {
  mark: (stop: Stop, outcome: Outcome, units?: number) => void;
  choose: (code: string | null) => void;
  count: (stop: Stop, units: number | null) => void;
  write: (note: string) => void;
  switchLang: () => void;
  retry: () => void;
};

export function standing(stop: Stop, events: Kept[]): Standing | null {
  const last = events.findLast((event) => event.code === stop.code);
  const server = stop.outcome;
  if (last && last.state !== "refused") {
    const conflict = last.state === "synced" && server && server.kind !== last.outcome ? server.kind : undefined;
    return { outcome: last.outcome, units: last.units ?? null, from: last.state, ...(conflict ? { conflict } : {}) };
  }
  if (server) return { outcome: server.kind, units: server.units, from: "server" };
  return last ? { outcome: last.outcome, units: last.units ?? null, from: "refused", reason: last.reason ?? "other" } : null;
}

const isOpen = (stop: Stop, events: Kept[]): boolean => {
  const stands = standing(stop, events);
  return stands === null || stands.from === "refused";
};

export const nextStop = (shift: Shift, events: Kept[]): Stop | undefined => shift.run.run.stops.find((stop) => isOpen(stop, events));

const hour = (iso: string): string => new Date(iso).toLocaleTimeString(spoken() === "it" ? "it-IT" : "en-GB", { hour: "2-digit", minute: "2-digit" });
const need = (key: string): string => (/^cold[-_]chain$/.test(key) ? t("cold") : key.replace(/[-_]/g, " "));

const people = (n: number): string => (n === 1 ? t("member") : t("members", { n }));

/** `geo:` with the point twice: navigators that know only the query find it too (RFC 5870, Android's intents). */
const address = ({ at: [lon, lat] }: Stop): string => `geo:${lat.toFixed(6)},${lon.toFixed(6)}?q=${lat.toFixed(6)},${lon.toFixed(6)}`;

export function paintBar(screen: Screen, acts: Acts): void {
  const { shift, events, online, sending } = screen;
  const queued = events.filter((event) => event.state === "queued").length;
  const count = queued === 0 ? t("queued.0") : queued === 1 ? t("queued.1") : t("queued.n", { n: queued });
  const state = `${t(online ? "online" : "offline")} · ${sending && queued > 0 ? t("sending") : count}`;
  const lang = h("button", { type: "button", class: "lang", id: "lang", lang: spoken() === "it" ? "en" : "it", "aria-label": `${spoken() === "it" ? "EN" : "IT"}: ${t("lang")}`, onclick: acts.switchLang }, spoken() === "it" ? "EN" : "IT");
  const line = h("div", { class: "line" }, h("span", { class: "name" }, shift ? `${t("run", { n: shift.run.run.number })} · ${shift.run.run.crew}` : "Atlante"), lang);
  const pill = h("p", { class: online ? (queued ? "pill waits" : "pill") : "pill off", id: "pill" }, state);
  const parts: (Node | null)[] = [line, shift ? pill : null];
  if (shift) {
    const all = shift.run.run.stops;
    const done = all.filter((stop) => !isOpen(stop, events)).length;
    const progress = t("progress", { done, all: all.length });
    parts.push(h("div", { class: "progress" }, h("progress", { max: Math.max(all.length, 1), value: done, "aria-label": progress }), h("span", {}, progress)));
  }
  if (!online && shift) parts.push(h("p", { class: "offline", id: "offline" }, t("offline.help")));
  else if (queued > 0 && !sending) parts.push(h("button", { type: "button", class: "retry", onclick: acts.retry }, t("retry")));
  one("bar").replaceChildren(...parts.filter((part) => part !== null));
}

function facts(stop: Stop): HTMLElement[] {
  const rows: HTMLElement[] = [];
  rows.push(h("p", { class: "what" }, h("strong", {}, `${stop.units} × ${stop.kit}`), stop.members ? ` · ${people(stop.members)}` : null));
  if (stop.needs.length > 0) rows.push(h("p", { class: "need" }, `${t("needs")}: ${stop.needs.map(need).join(", ")}`));
  if (stop.walk_m) rows.push(h("p", { class: "access" }, t("walk", { m: Math.round(stop.walk_m / 10) * 10 })));
  if (stop.notes) rows.push(h("p", { class: "access" }, h("strong", {}, `${t("access")}: `), stop.notes));
  return rows;
}

function times(stop: Stop): HTMLElement {
  const eta = stop.eta ? t("eta", { at: stop.eta }) : null;
  const window = stop.window ? t("window", { from: stop.window[0], to: stop.window[1] }) : null;
  return h("p", { class: "times" }, [eta, window].filter((text) => text !== null).join(" · "));
}

function buttons(stop: Stop, acts: Acts): HTMLElement {
  const button = (outcome: Outcome): HTMLElement =>
    h("button", { type: "button", class: `mark ${outcome}`, "data-outcome": outcome, onclick: () => (outcome === "partial" ? acts.count(stop, Math.max(1, stop.units - 1)) : acts.mark(stop, outcome)) }, t(outcome));
  return h("div", { class: "marks", role: "group", "aria-label": t("how") }, ...OUTCOMES.map(button));
}

function counter(stop: Stop, units: number, acts: Acts): HTMLElement {
  const step = (by: number, label: Key, sign: string): HTMLElement =>
    h("button", { type: "button", class: "step", "aria-label": t(label), disabled: units + by < 1 || units + by > 999, onclick: () => acts.count(stop, units + by) }, sign);
  return h(
    "div",
    { class: "counter", role: "group", "aria-labelledby": "units" },
    h("h2", { id: "units", tabindex: -1 }, t("units")),
    h("div", { class: "steps" }, step(-1, "less", "−"), h("output", { "aria-live": "polite" }, String(units)), step(1, "more", "+")),
    h("button", { type: "button", class: "mark partial sure", onclick: () => acts.mark(stop, "partial", units) }, t("confirm")),
    h("button", { type: "button", class: "plain", onclick: () => acts.count(stop, null) }, t("cancel")),
  );
}

/** What is said of a stop that has been marked. */
function said(stands: Standing): HTMLElement[] {
  const units = stands.outcome === "partial" && stands.units !== null ? ` (${stands.units})` : "";
  const state = stands.from === "server" ? t("state.server") : t(`state.${stands.from}`);
  const rows = [h("p", { class: `said ${stands.from}` }, h("strong", {}, t(stands.outcome) + units), ` – ${state}`)];
  if (stands.from === "refused") rows.push(h("p", { class: "wrong", role: "alert" }, t(stands.reason === "run" || stands.reason === "plan" || stands.reason === "at" ? `reason.${stands.reason}` : "reason.other")));
  if (stands.conflict) rows.push(h("p", { class: "wrong", role: "alert" }, t("conflict", { outcome: t(stands.conflict) })));
  return rows;
}

function card(stop: Stop, screen: Screen, acts: Acts, title: Key): HTMLElement {
  const stands = standing(stop, screen.events);
  const note = h("textarea", { id: "note", rows: 2, maxlength: 500, placeholder: t("note.hint"), oninput: (event) => acts.write((event.target as HTMLTextAreaElement).value) });
  note.value = screen.note;
  const counting = screen.counting?.code === stop.code ? screen.counting.units : null;
  return h(
    "section",
    { class: "card", "aria-labelledby": "stop" },
    h("p", { class: "over" }, h("span", {}, t(title)), h("span", { class: "code" }, stop.code)),
    h("h1", { id: "stop", tabindex: -1 }, h("span", { class: "n" }, h("span", { class: "hidden" }, `${t("stop", { n: "" })}`), String(stop.n)), h("span", { class: "door" }, stop.door)),
    times(stop),
    ...facts(stop),
    ...(stands ? said(stands) : []),
    h("a", { class: "go", href: address(stop), "aria-label": t("go.to", { door: stop.door }) }, t("go")),
    counting === null ? buttons(stop, acts) : counter(stop, counting, acts),
    h("label", { class: "note", for: "note" }, t("note")),
    note,
    title === "chosen" ? h("button", { type: "button", class: "plain", onclick: () => acts.choose(null) }, t("again")) : null,
  );
}

function finished(screen: Screen): HTMLElement {
  const waits = screen.events.some((event) => event.state === "queued");
  return h("section", { class: "card end", "aria-labelledby": "stop" }, h("h1", { id: "stop", tabindex: -1 }, t("done")), h("p", {}, t(waits ? "done.wait" : "done.sent")));
}

function list(shift: Shift, screen: Screen, current: string | undefined, acts: Acts): HTMLElement {
  const row = (stop: Stop): HTMLElement => {
    const stands = standing(stop, screen.events);
    const state = stands ? `${t(stands.outcome)} – ${stands.from === "server" ? t("state.server") : t(`state.${stands.from}`)}` : (stop.eta ?? "");
    const kind = stands ? (stands.outcome === "delivered" ? "good" : stands.outcome === "partial" ? "part" : "bad") : "open";
    return h(
      "li",
      {},
      h(
        "button",
        { type: "button", class: `row ${kind} ${stands?.from ?? ""}`, "aria-current": stop.code === current ? "step" : null, onclick: () => acts.choose(stop.code) },
        h("span", { class: "n" }, String(stop.n)),
        h("span", { class: "door" }, stop.door, h("small", {}, state)),
        h("span", { class: "code" }, stop.code),
      ),
    );
  };
  return h("section", { class: "all", "aria-labelledby": "all" }, h("h2", { id: "all" }, t("all")), h("ol", {}, ...shift.run.run.stops.map(row)));
}

function about(shift: Shift): HTMLElement {
  const { run, plan, expires } = shift.run;
  const load = run.load.map(({ kit, units }) => `${units} × ${kit}`).join(", ");
  return h(
    "footer",
    { class: "about" },
    load ? h("p", {}, h("strong", {}, `${t("load")}: `), load) : null,
    run.depot && run.depart ? h("p", {}, t("start", { depot: run.depot, at: run.depart })) : null,
    h("p", {}, plan.name),
    h("p", {}, t("expires", { at: hour(expires) })),
  );
}

function alone(title: Key, help: Key, more: Node | null = null): HTMLElement {
  return h("section", { class: "card end", "aria-labelledby": "stop" }, h("h1", { id: "stop", tabindex: -1 }, t(title)), h("p", {}, t(help)), more);
}

function unsent(events: Kept[]): HTMLElement | null {
  const queued = events.filter((event) => event.state === "queued");
  if (queued.length === 0) return null;
  return h("div", {}, h("h2", {}, t("unsent")), h("ul", { class: "unsent" }, ...queued.map((event) => h("li", {}, `${event.code}: ${t(event.outcome)}`))));
}

/** So long before its end a link is worth a word. */
const ENDING_MS = 3_600_000;

/** What the crew must know before the next door. */
function news(shift: Shift, screen: Screen): HTMLElement[] {
  const say = (text: string, role: "alert" | null = "alert"): HTMLElement => h("p", { class: "news", role }, text);
  const wrong = wrongBy();
  const hours = (minutes: number): string => (minutes < 90 ? t("minutes", { n: minutes }) : t("hours", { n: Math.round(minutes / 60) }));
  return [
    ...(screen.loose > 0 ? [say(t("full", { n: screen.loose }))] : []),
    ...(Date.parse(shift.run.expires) - now() < ENDING_MS ? [say(t("ending", { at: hour(shift.run.expires) }), null)] : []),
    ...(screen.changed ? [say(t("updated"))] : []),
    ...(wrong === null ? [] : [h("p", { class: "said" }, t(wrong > 0 ? "clock.ahead" : "clock.behind", { time: hours(Math.abs(wrong)) }))]),
  ];
}

export function paintMain(screen: Screen, acts: Acts): void {
  const { shift, events, chosen } = screen;
  const main = one("main");
  if (screen.closed) return main.replaceChildren(alone("closed", "closed.help", unsent(events)));
  if (!shift && screen.waiting && !screen.loading) return main.replaceChildren(alone("first.waits", "first.offline", h("button", { type: "button", class: "go", onclick: acts.retry }, t("retry"))));
  if (!shift) return main.replaceChildren(screen.loading ? alone("loading", screen.online ? "nolink.help" : "first.offline") : alone("nolink", "nolink.help"));
  document.title = t("title", { n: shift.run.run.number });
  const next = nextStop(shift, events);
  const picked = shift.run.run.stops.find((stop) => stop.code === chosen);
  const stop = picked ?? next;
  const first = stop ? card(stop, screen, acts, picked && picked.code !== next?.code ? "chosen" : "next") : finished(screen);
  main.replaceChildren(...news(shift, screen), first, list(shift, screen, stop?.code, acts), about(shift));
}
