/** The runs as a list: one line each, its stops as a table when it is opened. Says all that map and timeline say. */
import { t } from "../i18n";
import { plural } from "../i18n/plural";
import * as format from "../format";
import { runColour } from "../palette";
import { h, icon } from "../ui/dom";
import { announce, problem } from "../ui/status";
import { isServed, lockStops, placeOf, type Plan, type Run, type Stop } from "./api";
import { clock, far, lasting } from "./clock";
import { openSheet } from "./files";
import type { Links } from "./link";
import type { Room } from "./room";
import { changeable } from "./stop";

export interface RunListEvents {
  run(id: string): void;
  stop(code: string): void;
  changed(): void;
}

export class RunList {
  constructor(
    private readonly room: Room,
    private readonly links: Links,
    private readonly events: RunListEvents,
  ) {}

  element(plan: Plan, chosen: string | null, code: string | null): HTMLElement {
    const runs = plan.result?.runs ?? [];
    if (runs.length === 0) return h("p", { class: "empty" }, t("runs.none"));
    return h("ul", { class: "run-rows" }, ...runs.map((run) => this.#run(plan, run, placeOf(plan, run), run.id === chosen, code)));
  }

  #run(plan: Plan, run: Run, i: number, open: boolean, code: string | null): HTMLElement {
    const { lang } = this.room.store.now;
    const capacity = plan.order.crews.find(({ id }) => id === run.crew)?.capacity;
    const done = run.stops.filter(({ outcome }) => outcome).length;
    const failed = run.stops.filter(({ outcome }) => outcome && !isServed(outcome)).length;
    const load = capacity && run.trips <= 1 ? `${format.count(lang, run.load)}/${format.count(lang, capacity)}` : format.count(lang, run.load);
    const said = [`${clock(run.depart)}–${clock(run.arrive)}`, far(lang, run.distance_m), t("run.load", { n: load }), run.trips > 1 ? t("run.trips", { n: run.trips }) : ""].filter(Boolean).join(" · ");
    return h(
      "li",
      { class: open ? "run open" : "run", "data-run": run.id },
      h(
        "button",
        { type: "button", class: "run-head", "aria-expanded": String(open), "data-focus": `run-${run.id}`, onclick: () => this.events.run(run.id) },
        h("span", { class: "run-badge", style: `background:${runColour(i)}` }, String(i + 1)),
        h("span", { class: "run-title" }, run.title, h("span", { class: "run-stops" }, plural(lang, "stops", run.stops.length))),
        h("span", { class: "run-said" }, said),
        done > 0 ? h("span", { class: "run-done" }, h("span", { class: "found-bar", "aria-hidden": "true" }, h("span", { style: `width:${((100 * done) / run.stops.length).toFixed(0)}%` })), t("run.done", { n: done, of: run.stops.length }), failed > 0 ? ` · ${t("run.failed", { n: failed })}` : "") : null,
      ),
      ...(open ? [this.#open(plan, run, code)] : []),
    );
  }

  #open(plan: Plan, run: Run, code: string | null): HTMLElement {
    const { lang } = this.room.store.now;
    const locked = run.stops.every((stop) => stop.locked);
    const said = h("div", { class: "run-fault", role: "alert" });
    const lock = async (): Promise<void> => {
      try {
        await lockStops(plan.id, { run: run.id }, !locked);
        announce(t(locked ? "run.unlocked" : "run.locked"));
        this.events.changed();
      } catch (cause) {
        said.replaceChildren(problem("error.plan.change", cause, null));
      }
    };
    return h(
      "div",
      { class: "run-body" },
      h(
        "div",
        { class: "run-ways" },
        changeable(plan) ? h("button", { type: "button", class: "btn btn-outline-primary btn-xs", "data-focus": `lock-${run.id}`, onclick: () => void lock() }, icon(locked ? "unlock" : "lock"), t(locked ? "run.unlock" : "run.lock")) : null,
        h("button", { type: "button", class: "btn btn-outline-primary btn-xs", "data-focus": `sheet-${run.id}`, onclick: () => void openSheet(plan.id, run.id, lang).catch((cause: unknown) => said.replaceChildren(problem("error.file", cause, null))) }, icon("print"), t("run.sheet")),
        plan.state === "approved" || plan.state === "ready" ? h("button", { type: "button", class: "btn btn-outline-primary btn-xs", "data-focus": `link-${run.id}`, onclick: () => void this.#link(plan, run, said) }, icon("link"), t("run.link")) : null,
      ),
      said,
      h("div", { class: "crew-link", "data-link": run.id }, ...this.links.elements(plan, run)),
      h("p", { class: "hint" }, t("run.lasts", { time: lasting(run.duration_s) })),
      h(
        "div",
        { class: "table-frame", tabindex: 0, role: "region", "aria-label": t("run.table", { run: run.title }) },
        h("table", { class: "data stops" }, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("stop.head.n")), h("th", { scope: "col" }, t("stop.head.eta")), h("th", { scope: "col" }, t("stop.head.door")), h("th", { scope: "col" }, t("stop.head.units")))), h("tbody", {}, ...this.#rows(run, code))),
      ),
    );
  }

  #rows(run: Run, code: string | null): HTMLElement[] {
    const rests = run.rests ?? [];
    return run.stops.flatMap((stop, i) => [
      ...rests.filter(({ after }) => after === i).map(({ kind, from, to }) => h("tr", { class: "rest-row" }, h("td", {}), h("td", {}, clock(from)), h("td", { colspan: 2 }, `${t(`rest.${kind}`)} ${clock(from)}–${clock(to)}`))),
      this.#row(stop, code === stop.code),
    ]);
  }

  #row(stop: Stop, chosen: boolean): HTMLElement {
    const { lang } = this.room.store.now;
    const notes = [stop.window ? t("stop.within", { from: clock(stop.window[0]), to: clock(stop.window[1]) }) : "", stop.needs.join(", "), stop.notes].filter(Boolean).join(" · ");
    return h(
      "tr",
      { class: chosen ? "selected" : null, "data-stop": stop.code },
      h("td", {}, String(stop.n)),
      h("td", {}, clock(stop.eta)),
      h(
        "th",
        { scope: "row" },
        h("button", { type: "button", class: "textual", "data-focus": `stop-${stop.code}`, onclick: () => this.events.stop(stop.code) }, stop.door),
        stop.locked ? h("span", { class: "stop-lock" }, icon("lock"), h("span", { class: "visually-hidden" }, t("stop.is.locked"))) : null,
        stop.outcome ? h("span", { class: "outcome", "data-outcome": stop.outcome.kind }, t(`outcome.${stop.outcome.kind}`)) : null,
        notes ? h("span", { class: "of" }, notes) : null,
      ),
      h("td", {}, format.count(lang, stop.units)),
    );
  }

  async #link(plan: Plan, run: Run, said: HTMLElement): Promise<void> {
    try {
      await this.links.make(plan, run);
    } catch (cause) {
      said.replaceChildren(problem("error.link", cause, null));
    }
  }
}
