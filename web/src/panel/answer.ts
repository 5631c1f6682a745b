/** The answer as a table: by hexagon, by the areas of a layer, by a property; sorted, exported. */
import type { Town } from "../api";
import type { Answer, Disclosure, Group, Grouping } from "../ask/api";
import type { Asking } from "../ask/asking";
import * as format from "../format";
import { t } from "../i18n";
import { others } from "../map/reference";
import { asks, type Store } from "../state";
import { h, icon, one } from "../ui/dom";
import { download } from "../ui/download";
import { announce, problem } from "../ui/status";
import { text } from "./csv";

const LIMIT = 2_000;
const SHOWN = 50;
const WAIT_MS = 350;

interface Line {
  key: string;
  name: string;
  households: number;
  people: number;
  of: number | null;
}

type Column = "name" | "households" | "people" | "share";

export interface AnswerEvents {
  chosen(hexagon: string, resolution: number): void;
}

export class AnswerTable {
  #by = "hex";
  #sort: Column = "households";
  #descending = true;
  #more = false;
  #lines: Line[] = [];
  #answer: Answer | null = null;
  #turn = 0;
  #timer = 0;

  constructor(
    private readonly store: Store,
    private readonly town: Town,
    private readonly asking: Asking,
    private readonly events: AnswerEvents,
  ) {
    store.on(["found"], () => this.soon());
    store.on(["resolution"], () => this.#by === "hex" && this.soon());
  }

  get #open(): boolean {
    return one("people-answer").querySelector("details")?.open === true;
  }

  soon(): void {
    if (!this.asking.allowed) return;
    one("people-answer").hidden = !asks(this.store.now);
    clearTimeout(this.#timer);
    if (this.#open && this.store.now.found) this.#timer = window.setTimeout(() => void this.#load(), WAIT_MS);
  }

  render(): void {
    const open = this.#open;
    const choose = h("select", { class: "form-select", id: "answer-by" }, ...this.#groupings());
    choose.addEventListener("change", () => {
      this.#by = choose.value;
      this.#more = false;
      void this.#load();
    });
    const fold = h(
      "details",
      { class: "fold", open },
      h("summary", {}, t("answer.title")),
      h("div", { class: "answer-tools" }, h("div", {}, h("label", { for: "answer-by", class: "plain" }, t("answer.by")), choose), h("button", { type: "button", class: "btn btn-primary btn-sm", id: "answer-export", onclick: () => this.#export() }, icon("download"), t("data.export"))),
      h("div", { id: "answer-table" }),
    );
    fold.addEventListener("toggle", () => this.soon());
    one("people-answer").replaceChildren(fold);
    one("people-answer").hidden = !asks(this.store.now);
    this.#table();
  }

  #groupings(): HTMLElement[] {
    const { lang, fields } = this.store.now;
    const option = (value: string, label: string): HTMLElement => h("option", { value, selected: value === this.#by }, label);
    const layers = others(this.town.layers).filter(({ geometry }) => geometry === "polygon");
    const few = (fields?.fields ?? []).filter(({ kind, choices, name }) => name !== "household" && (kind === "flag" || (choices ?? []).length > 0));
    return [
      option("hex", t("answer.hex")),
      ...layers.map(({ name, title }) => option(`layer:${name}`, title[lang])),
      ...(few.length > 0 ? [h("optgroup", { label: t("answer.properties") }, ...few.map(({ name, title }) => option(`property:${name}`, title[lang])))] : []),
    ];
  }

  #grouping(): Grouping {
    const [kind = "hex", name = ""] = this.#by.split(":");
    if (kind === "layer") return { by: "layer", layer: name };
    if (kind === "property") return { by: "property", property: name };
    return { by: "hex", resolution: this.store.now.resolution ?? this.town.resolutions[0] ?? 8 };
  }

  async #load(): Promise<void> {
    if (!asks(this.store.now)) return;
    this.#turn += 1;
    const turn = this.#turn;
    const into = one("answer-table");
    into.setAttribute("aria-busy", "true");
    if (this.#lines.length === 0) into.replaceChildren(h("p", { class: "hint" }, t("loading.data")));
    const grouping = this.#grouping();
    try {
      const [answer, whole] = await Promise.all([this.asking.groups(grouping, LIMIT), this.asking.wholes(grouping, LIMIT)]);
      if (turn !== this.#turn) return;
      const sizes = new Map((whole.groups ?? []).map((group) => [String(group.group), householdsOf(group)]));
      this.#answer = answer;
      this.#lines = (answer.groups ?? []).map((group) => this.#line(group, sizes.get(String(group.group)) ?? null));
      this.#table();
    } catch (cause) {
      if (turn === this.#turn) into.replaceChildren(problem("error.data", cause, () => void this.#load()));
    } finally {
      into.removeAttribute("aria-busy");
    }
  }

  #line(group: Group, of: number | null): Line {
    const { lang, fields } = this.store.now;
    const key = String(group.group);
    const title = typeof group.title === "string" ? group.title : group.title?.[lang];
    const field = this.#by.startsWith("property:") ? fields?.fields.find(({ name }) => name === this.#by.slice(9)) : undefined;
    const choice = field?.choices?.find((candidate) => candidate.key === key)?.title[lang];
    const flag = group.group === null ? t("condition.unknown") : field?.kind === "flag" ? t(key === "true" || key === "1" ? "condition.yes" : "condition.no") : null;
    return { key, name: title ?? choice ?? flag ?? (this.#by.startsWith("layer:") ? t("answer.area", { id: key }) : key.replace(/f+$/, "")), households: householdsOf(group), people: Number(group.people ?? group.values[1] ?? 0), of };
  }

  #sorted(): Line[] {
    const share = ({ households, of }: Line): number => (of ? households / of : 0);
    const value = (line: Line): number => (this.#sort === "people" ? line.people : this.#sort === "share" ? share(line) : line.households);
    const lines = [...this.#lines].sort((a, b) => (this.#sort === "name" ? a.name.localeCompare(b.name, this.store.now.lang, { numeric: true }) : value(a) - value(b)));
    return this.#descending ? lines.reverse() : lines;
  }

  #table(): void {
    const into = one("answer-table");
    if (!this.#answer) return into.replaceChildren();
    const { lang } = this.store.now;
    const focused = document.activeElement instanceof HTMLElement && into.contains(document.activeElement) ? document.activeElement.dataset.focus : undefined;
    const lines = this.#sorted();
    const shown = this.#more ? lines : lines.slice(0, SHOWN);
    const head = (column: Column, title: string): HTMLElement => {
      const sorted = this.#sort === column;
      const arrow = sorted ? (this.#descending ? "▼" : "▲") : "";
      return h("th", { scope: "col", "aria-sort": sorted ? (this.#descending ? "descending" : "ascending") : null }, h("button", { type: "button", class: "sort", "data-focus": `answer-${column}`, onclick: () => this.#sortBy(column) }, title, h("span", { class: "arrow", "aria-hidden": "true" }, arrow)));
    };
    const empty = h("p", { class: "empty" }, t("answer.empty"));
    const table = h(
      "table",
      { class: "data answer", "data-by": this.#by },
      h("caption", {}, this.#caption(lines)),
      h("thead", {}, h("tr", {}, head("name", t("answer.group")), head("households", t("data.households")), head("people", t("data.people")), head("share", t("answer.share")))),
      h("tbody", {}, ...shown.map((line) => this.#row(line))),
    );
    into.replaceChildren(
      ...(lines.length === 0 ? [empty] : [h("div", { class: "table-frame", tabindex: 0, role: "region", "aria-label": t("answer.title") }, table)]),
      ...(shown.length < lines.length ? [h("button", { type: "button", class: "textual", "data-focus": "answer-more", onclick: () => this.#all() }, t("answer.more", { n: format.count(lang, lines.length) }))] : []),
      ...withheld(this.#answer.disclosure, lang).map((said) => h("p", { class: "found-note", "data-note": "withheld" }, said)),
    );
    if (focused) into.querySelector<HTMLElement>(`[data-focus="${focused}"]`)?.focus();
  }

  #caption(lines: Line[]): string {
    const n = format.count(this.store.now.lang, lines.length);
    return this.#answer?.next ? t("answer.first", { n }) : t("answer.groups", { n });
  }

  #row(line: Line): HTMLElement {
    const { lang } = this.store.now;
    const share = line.of ? line.households / line.of : null;
    const { resolution } = this.store.now;
    const name =
      this.#by === "hex" && resolution !== null
        ? h("button", { type: "button", class: "textual", onclick: () => this.events.chosen(line.key, resolution) }, line.name, h("span", { class: "visually-hidden" }, `, ${t("data.select")}`))
        : line.name;
    return h(
      "tr",
      { "data-group": line.key },
      h("th", { scope: "row" }, name),
      h("td", {}, format.count(lang, line.households)),
      h("td", {}, format.count(lang, line.people)),
      h("td", {}, share === null ? "–" : `${format.decimal(lang, 100 * share, 0)} % `, line.of === null ? null : h("span", { class: "answer-of" }, t("answer.of", { n: format.count(lang, line.of) }))),
    );
  }

  #all(): void {
    this.#more = true;
    this.#table();
  }

  #sortBy(column: Column): void {
    this.#descending = this.#sort === column ? !this.#descending : column !== "name";
    this.#sort = column;
    this.#table();
  }

  #export(): void {
    const rows = this.#sorted().map(({ key, name, households, people, of }) => [key, name, households, people, of]);
    const file = text([["id", "name", "households", "people", "of_households"], ...rows]);
    download(new Blob([file], { type: "text/csv;charset=utf-8" }), `atlante-${this.town.comune}-${this.#by.replace(":", "-")}-${this.#answer?.as_of ?? this.town.as_of}.csv`);
    announce(t("answer.exported", { n: format.count(this.store.now.lang, rows.length) }));
  }
}

const householdsOf = (group: Group): number => Number(group.households ?? group.values[0] ?? 0);

/** What the protection of the few did, in words. */
export function withheld(disclosure: Disclosure | null | undefined, lang: "it" | "en"): string[] {
  if (!disclosure?.withheld) return [];
  const { note, min = 3, groups = 0 } = disclosure;
  if (groups > 0) return [groups === 1 ? t("answer.withheld.one", { min }) : t("answer.withheld", { n: format.count(lang, groups), min })];
  return [note?.[lang] ?? ""];
}
