/** The stop at hand: what it is, where else it could go and what that costs, whether it stays. */
import { ApiError } from "../api";
import { t } from "../i18n";
import * as format from "../format";
import { runColour } from "../palette";
import { h, icon } from "../ui/dom";
import { announce, isAbort, problem } from "../ui/status";
import { lockStops, moveStop, placeOf, priceMove, type Breach, type Plan, type Price, type Run, type Stop } from "./api";
import { clock, far, lasting, signed } from "./clock";
import type { Room } from "./room";

/** Metres from the road from which it is told that the crew walks, as on paper. */
const WALK_M = 50;

export interface StopEvents {
  changed(): void;
  closed(): void;
}

/** The stop of a code and its run. */
export function find(plan: Plan, code: string): { run: Run; stop: Stop; index: number } | null {
  const runs = plan.result?.runs ?? [];
  for (const run of runs) {
    const stop = run.stops.find((one) => one.code === code);
    if (stop) return { run, stop, index: placeOf(plan, run) };
  }
  return null;
}

/** "+6 min, +1,2 km". */
export const priceSaid = (room: Room, price: Price): string =>
  `${signed(lasting(price.extra_s), price.extra_s)}, ${signed(far(room.store.now.lang, price.extra_m), price.extra_m)}`;

export const changeable = (plan: Plan): boolean => plan.state === "ready" || plan.state === "approved";

export class StopCard {
  #to = "";
  #asked = new AbortController();
  #code = "";

  constructor(
    private readonly room: Room,
    private readonly events: StopEvents,
  ) {}

  /** Shows a stop; `to` is where a hand has dragged it. */
  render(into: HTMLElement, plan: Plan, code: string, to: string | null = null): void {
    const found = find(plan, code);
    if (!found) return this.#left(into, plan, code);
    if (code !== this.#code) this.#to = "";
    this.#code = code;
    const { run, stop, index } = found;
    const { lang } = this.room.store.now;
    const line = (name: string, value: string): HTMLElement | null => (value === "" ? null : h("div", {}, h("dt", {}, name), h("dd", {}, value)));
    const kit = plan.order.stock.find(({ kit: key }) => key === stop.kit)?.title ?? stop.kit ?? "";
    const price = h("div", { id: "stop-price", "aria-live": "polite" });
    const cost = (chosen: string): void => {
      this.#to = chosen;
      void this.#price(price, plan, stop, chosen);
    };
    into.replaceChildren(
      h(
        "article",
        { class: "stop-card", "aria-labelledby": "stop-title", "data-code": code, "data-version": plan.version },
        h("div", { class: "card-head" }, h("div", {}, h("p", { class: "card-kind" }, this.#badge(index), `${run.title} · ${t("stop.n", { n: stop.n })} · ${code}`), h("h3", { id: "stop-title", tabindex: -1 }, stop.door)), h("button", { type: "button", class: "round", "aria-label": t("stop.close"), onclick: () => this.events.closed() }, icon("close"))),
        h(
          "dl",
          { class: "stop-facts" },
          line(t("stop.eta"), `${clock(stop.eta)}–${clock(stop.leave)}`),
          line(t("stop.window"), stop.window ? `${clock(stop.window[0])}–${clock(stop.window[1])}` : ""),
          line(t("stop.kit"), `${format.count(lang, stop.units)} × ${kit}`),
          line(t("stop.members"), format.count(lang, stop.members)),
          line(t("stop.needs"), stop.needs.join(", ")),
          line(t("stop.notes"), stop.notes),
          line(t("stop.walk"), stop.from_road_m > WALK_M ? t("stop.walk.m", { m: format.count(lang, Math.round(stop.from_road_m / 10) * 10) }) : ""),
          line(t("stop.outcome"), stop.outcome ? [t(`outcome.${stop.outcome.kind}`), stop.outcome.by, stop.outcome.note].filter(Boolean).join(" · ") : ""),
        ),
        ...(changeable(plan) && !stop.outcome ? [this.#ways(plan, run, stop, cost), price] : []),
      ),
    );
    const wanted = to ?? this.#to;
    const select = into.querySelector<HTMLSelectElement>("#stop-to");
    if (wanted && select && wanted !== run.id) {
      select.value = wanted;
      cost(wanted);
    }
  }

  #badge(index: number): HTMLElement {
    return h("span", { class: "run-badge", style: `background:${runColour(index)}` }, String(index + 1));
  }

  #ways(plan: Plan, run: Run, stop: Stop, cost: (to: string) => void): HTMLElement {
    const runs = plan.result?.runs ?? [];
    const select = h("select", { class: "form-select", id: "stop-to", disabled: stop.locked }, h("option", { value: "" }, t("stop.move.choose")), ...runs.flatMap((one) => (one.id === run.id ? [] : [h("option", { value: one.id }, `${placeOf(plan, one) + 1}. ${one.title}`)])));
    select.addEventListener("change", () => cost(select.value));
    const lock = async (): Promise<void> => {
      try {
        await lockStops(plan.id, { codes: [stop.code] }, !stop.locked);
        announce(t(stop.locked ? "stop.unlocked" : "stop.locked"));
        this.events.changed();
      } catch (cause) {
        document.getElementById("stop-price")?.replaceChildren(problem("error.plan.change", cause, null));
      }
    };
    return h(
      "div",
      { class: "stop-ways" },
      h("div", { class: "field grow" }, h("label", { for: "stop-to", class: "plain" }, t("stop.move")), select),
      h("button", { type: "button", class: "btn btn-outline-primary btn-xs", id: "stop-lock", "aria-pressed": String(stop.locked), onclick: () => void lock() }, icon(stop.locked ? "unlock" : "lock"), t(stop.locked ? "stop.unlock" : "stop.lock")),
    );
  }

  /** What the move would cost, before anything is moved. */
  async #price(into: HTMLElement, plan: Plan, stop: Stop, to: string): Promise<void> {
    this.#asked.abort();
    if (to === "") return into.replaceChildren();
    this.#asked = new AbortController();
    into.replaceChildren(h("p", { class: "hint" }, t("stop.pricing")));
    try {
      this.#offer(into, plan, stop, to, await priceMove(plan.id, stop.code, to, this.#asked.signal));
    } catch (cause) {
      if (!isAbort(cause)) into.replaceChildren(problem("error.move", cause, null));
    }
  }

  #offer(into: HTMLElement, plan: Plan, stop: Stop, to: string, price: Price): void {
    const { lang } = this.room.store.now;
    const target = plan.result?.runs.find(({ id }) => id === to);
    const force = price.breaches.length > 0;
    const go = async (): Promise<void> => {
      try {
        await moveStop(plan.id, stop.code, to, force);
        this.#to = "";
        into.replaceChildren();
        announce(t("stop.moved", { door: stop.door, run: target?.title ?? "" }));
        this.events.changed();
        document.getElementById("stop-title")?.focus();
      } catch (cause) {
        const breaches = cause instanceof ApiError && Array.isArray(cause.breaches) ? (cause.breaches as Breach[]) : null;
        if (breaches) this.#offer(into, plan, stop, to, { ...price, breaches });
        else into.replaceChildren(problem("error.move", cause, null));
      }
    };
    const stay = (): void => {
      this.#to = "";
      into.replaceChildren();
      const select = document.getElementById("stop-to") as HTMLSelectElement | null;
      if (select) select.value = "";
      select?.focus();
    };
    into.replaceChildren(
      h(
        "div",
        { class: "price", "data-breaches": price.breaches.length },
        h("p", {}, t("stop.costs", { run: target?.title ?? to }), " ", h("strong", {}, priceSaid(this.room, price))),
        ...(force ? [h("ul", { class: "breaches" }, ...price.breaches.map((breach) => h("li", {}, breach[lang])))] : []),
        h("div", { class: "price-buttons" }, h("button", { type: "button", class: "btn btn-outline-primary btn-xs", id: "stop-stay", onclick: stay }, t("stop.stay")), h("button", { type: "button", class: force ? "btn btn-danger btn-xs" : "btn btn-primary btn-xs", id: "stop-go", onclick: () => void go() }, t(force ? "stop.go.force" : "stop.go"))),
      ),
    );
  }

  /** A household that no run reaches. */
  #left(into: HTMLElement, plan: Plan, code: string): void {
    const one = plan.result?.unserved.find((left) => left.code === code);
    if (!one) return into.replaceChildren();
    const { lang } = this.room.store.now;
    into.replaceChildren(
      h(
        "article",
        { class: "stop-card", "aria-labelledby": "stop-title", "data-code": code },
        h("div", { class: "card-head" }, h("div", {}, h("p", { class: "card-kind" }, `${t("left.one")} · ${code}`), h("h3", { id: "stop-title", tabindex: -1 }, one.door)), h("button", { type: "button", class: "round", "aria-label": t("stop.close"), onclick: () => this.events.closed() }, icon("close"))),
        h("p", {}, one.reason[lang]),
        one.relaxation ? h("p", { class: "relaxation" }, one.relaxation[lang]) : null,
      ),
    );
  }
}
