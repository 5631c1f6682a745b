/** Points to be chosen: how many, among what, which of them are fixed. */
import { t } from "../i18n";
import { others } from "../map/reference";
import { h } from "../ui/dom";
import { choiceBox, labelled, numberBox, tickBox } from "../ui/inputs";
import { problem } from "../ui/status";
import { fetchCandidates, type Depot, type Objective } from "./api";
import { candidatesOf, type Draft } from "./order";
import type { Room } from "./room";

/** Candidates that a list shows at once; the others are found by their name. */
const SHOWN = 60;

/** Whether a candidate is fixed: chosen already, whatever the others are. */
export function fixedTick(draft: Draft, { id, title }: Depot, i: number, changed: () => void, label: string = t("form.site.fixed")): HTMLElement {
  const { sites } = draft;
  const tick = tickBox(`site-fixed-${i}`, label, sites.fixed.includes(id), (checked) => {
    sites.fixed = checked ? [...sites.fixed, id] : sites.fixed.filter((one) => one !== id);
    changed();
  });
  tick.querySelector("input")?.setAttribute("aria-label", t("form.site.fix", { title }));
  return tick;
}

/** How many, among what, to what end. `among` is called where the candidates are others. */
export function sitesGrid(room: Room, draft: Draft, among: () => void, changed: () => void): HTMLElement {
  const { sites } = draft;
  const { lang } = room.store.now;
  const layers = others(room.town.layers);
  const within = labelled(numberBox("site-within", sites.within, [1, 120], (value) => (sites.within = value)), t("form.site.within"));
  within.hidden = sites.objective !== "max-cover";
  const capacity = h("input", { type: "number", class: "form-control number", id: "site-capacity", min: 1, max: 1_000_000, value: sites.capacity ?? "", placeholder: t("form.most.none") });
  capacity.addEventListener("input", () => (sites.capacity = capacity.value === "" ? null : Math.max(1, Math.round(Number(capacity.value)))));
  return h(
    "div",
    { class: "form-grid" },
    labelled(numberBox("site-count", sites.count, [1, 50], (value) => {
      sites.count = Math.round(value);
      changed();
    }), t("form.site.count")),
    labelled(capacity, t("form.site.capacity")),
    labelled(choiceBox("site-layer", sites.layer, [...layers.map(({ name, title, count }) => [name, `${title[lang]} (${count})`] as [string, string]), ["", t("form.site.hand")]], (value) => {
      Object.assign(sites, { layer: value, candidates: [], fixed: [] });
      among();
    }), t("form.site.layer"), "whole"),
    labelled(choiceBox("site-objective", sites.objective, (["p-median", "p-center", "max-cover"] as const).map((key) => [key, t(`objective.${key}`)]), (value) => {
      sites.objective = value as Objective;
      within.hidden = value !== "max-cover";
    }), t("form.site.objective"), "whole"),
    within,
  );
}

/** The candidates of a layer, each with its tick; those that are fixed stand first. */
export class Candidates {
  #words = "";

  constructor(
    private readonly draft: Draft,
    private readonly changed: () => void,
  ) {}

  async show(into: HTMLElement): Promise<void> {
    const { sites } = this.draft;
    const { layer } = sites;
    if (sites.candidates.length === 0) {
      into.replaceChildren(h("p", { class: "hint" }, t("form.site.reading")));
      try {
        const found = await fetchCandidates(layer);
        if (sites.layer !== layer || !into.isConnected) return;
        sites.candidates = found;
        this.changed();
      } catch (cause) {
        into.replaceChildren(problem("error.candidates", cause, () => void this.show(into)));
        return;
      }
    }
    const list = h("div", { id: "site-candidates", role: "group", "aria-label": t("form.site.candidates") });
    const find = h("input", { type: "search", class: "form-control", id: "site-find", placeholder: t("form.site.find"), "aria-label": t("form.site.find"), value: this.#words, autocomplete: "off" });
    find.addEventListener("input", () => {
      this.#words = find.value;
      this.#rows(list);
    });
    into.replaceChildren(h("p", { class: "plain-label" }, t("form.site.candidates")), ...(sites.candidates.length > 8 ? [find] : []), list);
    this.#rows(list);
  }

  #rows(list: HTMLElement): void {
    const { sites } = this.draft;
    const wanted = this.#words.trim().toLocaleLowerCase();
    const all = candidatesOf(this.draft).map((candidate, i) => ({ candidate, i, fixed: sites.fixed.includes(candidate.id) }));
    const found = all.filter(({ candidate, fixed }) => fixed || candidate.title.toLocaleLowerCase().includes(wanted)).sort((a, b) => Number(b.fixed) - Number(a.fixed));
    const rows = found.slice(0, SHOWN).map(({ candidate, i }) => h("li", {}, fixedTick(this.draft, candidate, i, this.changed, candidate.title)));
    list.replaceChildren(h("ul", {}, ...rows), ...(found.length > SHOWN ? [h("p", { class: "hint" }, t("form.site.others", { n: found.length - SHOWN }))] : found.length === 0 ? [h("p", { class: "hint" }, t("form.site.none"))] : []));
  }
}
