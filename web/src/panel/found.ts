/** How many were found, out of how many; how the map shows them; what its colours mean. */
import { may, type Town } from "../api";
import * as format from "../format";
import { t } from "../i18n";
import { plural } from "../i18n/plural";
import { strongRamp } from "../palette";
import { asks, type Measure, type Store } from "../state";
import { h, icon, one } from "../ui/dom";
import { told } from "../ui/reason";
import { openSignIn } from "../ui/sign";
import { announce } from "../ui/status";
import { metres, quantity } from "./words";

/** The classes of what is found: edges, and how many hexagons are in each. */
export interface Classes {
  measure: Measure;
  resolution: number;
  breaks: number[];
  counts: number[];
  /** There are more hexagons than were counted: those with the fewest found are missing. */
  more: boolean;
}

const SAY_MS = 700;

export class Found {
  #timer = 0;
  #answers = 0;
  #loss_m: number | null = 0;
  classes: Classes | null = null;

  constructor(
    private readonly store: Store,
    private readonly town: Town,
    private readonly points: () => boolean,
    /** Whether the question is of an area, be it one that is still being drawn. */
    private readonly limited: () => boolean,
  ) {
    store.on(["found"], () => (this.#answers += 1));
    store.on(["found", "fault", "conditions", "written", "areas"], () => this.count());
    store.on(["show", "measure"], () => this.view());
  }

  render(): void {
    this.count();
    this.view();
  }

  /** The number, and aloud when the hand rests. */
  count(): void {
    if (this.town.policy !== "exact") return;
    const { found, fault, lang } = this.store.now;
    const into = one("people-found");
    const idle = !asks(this.store.now);
    if (into.classList.toggle("idle", idle) !== one("people-view").hidden) this.view();
    one("people-title").classList.toggle("visually-hidden", !idle);
    clearTimeout(this.#timer);
    if (fault) {
      if (fault.status === 401) {
        into.replaceChildren(h("p", { class: "found-fault" }, t("people.expired")), h("button", { type: "button", class: "btn btn-primary btn-xs", onclick: openSignIn }, t("sign.in")));
        return;
      }
      // A fault in the filter is told beside the filter, with its place.
      const said = fault.position === null ? told(fault) : [];
      into.replaceChildren(h("p", { class: "found-fault" }, h("strong", {}, t("people.fault")), ...said, fault.position === null ? h("span", { class: "problem-code" }, t("error.code", { code: fault.code })) : h("button", { type: "button", class: "textual", onclick: () => document.querySelector<HTMLElement>("#query-fault button")?.click() }, t("query.go"))));
      return;
    }
    if (!asks(this.store.now)) {
      into.replaceChildren(h("p", { class: "found-all" }, t("people.all", { households: plural(lang, "households", this.town.households), people: plural(lang, "people", this.town.people) })));
      return;
    }
    if (!found) return into.replaceChildren(h("p", { class: "found-all" }, t("people.counting")));
    const { of } = found;
    const households = found.households;
    if (households === null) return into.replaceChildren(h("p", { class: "found-n few" }, t("people.few", { min: found.disclosure?.min ?? 3 })), h("p", { class: "found-of" }, found.disclosure?.note?.[lang] ?? "", this.#clear()));
    const people = found.people ?? 0;
    const share = of.households > 0 ? households / of.households : 0;
    const note = found.disclosure?.withheld ? found.disclosure.note?.[lang] : null;
    into.replaceChildren(
      h("p", { class: "found-n", "data-households": households, "data-people": people, "data-answers": this.#answers }, h("strong", {}, format.count(lang, households)), ` ${t(households === 1 ? "people.household" : "people.households")}`, h("span", { class: "found-people" }, plural(lang, "people", people))),
      h("span", { class: "found-bar", "aria-hidden": "true" }, h("span", { style: `width:${(100 * share).toFixed(2)}%` })),
      h("p", { class: "found-of" }, t(this.limited() ? "people.of.area" : "people.of", { share: quantity(lang, { name: "", kind: "number", title: { it: "", en: "" }, unit: "share" }, share), households: plural(lang, "households", of.households) }), this.#clear()),
      ...(note ? [h("p", { class: "found-note" }, note)] : []),
      ...(households === 0 ? [h("p", { class: "found-note" }, t("people.nobody"))] : this.#plan()),
    );
    this.#timer = window.setTimeout(() => announce(t("people.said", { households: plural(lang, "households", households), people: plural(lang, "people", people), of: format.count(lang, of.households) })), SAY_MS);
  }

  /** From those found to a plan for them, in one press. */
  #plan(): HTMLElement[] {
    if (!may(this.town, "plan")) return [];
    const go = (): void => {
      this.store.set({ place: "plans", desk: "new" });
      document.getElementById("form-name")?.focus();
    };
    return [h("button", { type: "button", class: "btn btn-outline-primary btn-xs found-plan", id: "people-plan", onclick: go }, icon("truck"), t("people.plan"))];
  }

  #clear(): HTMLElement {
    const clear = (): void => {
      this.store.set({ conditions: [], written: null, areas: [] });
      announce(t("people.cleared"));
      document.getElementById("add-condition")?.focus();
    };
    return h("button", { type: "button", class: "textual", id: "people-clear", onclick: clear }, t("people.clear"));
  }

  /** How the map shows them. */
  view(): void {
    if (this.town.policy !== "exact") return;
    const { show, measure } = this.store.now;
    const into = one("people-view");
    into.hidden = !asks(this.store.now);
    if (into.hidden) return;
    const focused = document.activeElement instanceof HTMLInputElement && into.contains(document.activeElement) ? document.activeElement.value : null;
    const choices: [string, string, boolean][] = [
      ["n", t("view.n"), show === "found" && measure === "n"],
      ["share", t("view.share"), show === "found" && measure === "share"],
      ...(this.points() ? ([["points", t("view.points"), show === "found" && measure === "points"]] as [string, string, boolean][]) : []),
      ["all", t("view.all"), show === "all"],
    ];
    const choice = ([value, label, checked]: [string, string, boolean]): HTMLElement => {
      const input = h("input", { type: "radio", name: "people-view", value, checked });
      input.addEventListener("change", () => this.store.set(value === "all" ? { show: "all" } : { show: "found", measure: value as Measure }));
      return h("label", {}, input, h("span", {}, label));
    };
    into.replaceChildren(h("fieldset", { class: "segments" }, h("legend", { class: "plain" }, t("view.title")), h("div", {}, ...choices.map(choice))), h("div", { id: "people-legend" }));
    if (focused) into.querySelector<HTMLElement>(`input[value="${focused}"]`)?.focus();
    this.legend();
  }

  /** How truly the map's colours follow the areas: a long outline loses corners, too long a one is left out. */
  follows(loss_m: number | null): void {
    if (loss_m === this.#loss_m) return;
    this.#loss_m = loss_m;
    this.legend();
  }

  #following(): HTMLElement[] {
    const { lang } = this.store.now;
    if (this.#loss_m === 0) return [];
    const said = this.#loss_m === null ? t("view.area.apart") : t("view.area.nearly", { metres: metres(lang, this.#loss_m) });
    return [h("p", { class: "found-note", "data-note": "area", role: "status" }, said)];
  }

  /** The classes of the hexagons, as a strip. */
  legend(): void {
    const into = document.getElementById("people-legend");
    if (!into) return;
    const { show, measure, lang } = this.store.now;
    if (show === "all") return into.replaceChildren(h("p", { class: "hint" }, t("view.all.hint")));
    if (measure === "points") return into.replaceChildren(h("p", { class: "hint points-key" }, h("span", { class: "dot" }), t("view.points.hint")), ...this.#following());
    const { classes } = this;
    if (!classes || classes.measure !== measure || classes.breaks.length < 2) return into.replaceChildren(h("p", { class: "hint" }, t("loading.legend")));
    const colours = strongRamp(classes.breaks.length - 1);
    const title = t(measure === "n" ? "view.n.legend" : "view.share.legend");
    const step = (colour: string, i: number): HTMLElement => {
      const hexes = classes.counts[i];
      return h("li", { "data-class": i, "data-hexes": hexes ?? null }, h("span", { class: "step-colour", style: `background:${colour}` }), h("span", { class: "step-range" }, this.#range(classes, i)), hexes === undefined ? null : h("span", { class: "step-count", title: plural(lang, "hexes", hexes) }, `${classes.more && i === 0 ? "> " : ""}${format.count(lang, hexes)}`, h("span", { class: "visually-hidden" }, plural(lang, "hexes", hexes))));
    };
    into.replaceChildren(
      h("p", { class: "over-title" }, title, h("span", { class: "edge" }, t("legend.edge", { edge: format.edge(lang, classes.resolution) }))),
      h("ol", { class: "steps", "data-measure": measure, "data-resolution": classes.resolution }, ...colours.map(step)),
      h("p", { class: "hint steps-hint" }, t("view.counts"), classes.more ? ` ${t("view.counts.more", { n: format.count(lang, classes.counts.reduce((sum, n) => sum + n, 0)) })}` : ""),
      ...this.#following(),
    );
  }

  /** The same for a picture of the map. */
  rows(): { colour: string; dash: number[]; text: string }[] {
    const { classes } = this;
    if (this.store.now.measure === "points" || !classes) return [{ colour: "#963434", dash: [], text: t("view.points.hint") }];
    return strongRamp(classes.breaks.length - 1).map((colour, i) => ({ colour, dash: [], text: this.#range(classes, i) }));
  }

  #range({ breaks, measure }: Classes, i: number): string {
    const { lang } = this.store.now;
    const [from = 0, to = 0] = [breaks[i], breaks[i + 1]];
    if (measure === "n") return to - from <= 1 ? format.count(lang, from) : `${format.count(lang, from)}–${format.count(lang, to - 1)}`;
    const said = (share: number): string => format.decimal(lang, 100 * share, share > 0 && share < 0.02 ? 1 : 0);
    if (i === 0) return `< ${said(to)} %`;
    return i === breaks.length - 2 ? `≥ ${said(from)} %` : `${said(from)}–${said(to)} %`;
  }
}
