/** The table that says the same as the map. */
import { fetchHexes, type HexPage, type HexRow, type Town } from "../api";
import * as format from "../format";
import { t, type Key } from "../i18n";
import { plural } from "../i18n/plural";
import { classOf, ramp } from "../palette";
import type { Store } from "../state";
import { h, icon, one } from "../ui/dom";
import { announce, isAbort, problem } from "../ui/status";
import { downloadCsv } from "./csv";
import { chosen, DIMENSIONS, options } from "./picker";

const ROWS = 25;

interface Column {
  key: string;
  title: string;
  show: (row: HexRow) => string;
}

export interface DataEvents {
  chosen(row: HexRow, resolution: number): void;
  /** The reader wants the card of the chosen row. */
  opened(): void;
}

export class DataTable {
  #sort: string | null = null;
  #order: "asc" | "desc" = "desc";
  #cursors: (string | null)[] = [null];
  #resolution: number | null = null;
  #page: HexPage | null = null;
  #asking = new AbortController();
  #focusTimer = 0;

  constructor(
    private readonly store: Store,
    private readonly town: Town,
    private readonly events: DataEvents,
  ) {}

  /** Asks again from the first page: after a new indicator, a new resolution, or on opening. */
  async open(): Promise<void> {
    this.#sort = null;
    this.#order = "desc";
    this.#cursors = [null];
    await this.#load();
  }

  async #load(): Promise<void> {
    this.#asking.abort();
    this.#asking = new AbortController();
    const into = one("place-data");
    if (!this.#page) into.replaceChildren(h("p", { class: "hint" }, t("loading.data")));
    into.setAttribute("aria-busy", "true");
    try {
      this.#page = await fetchHexes(this.#query(ROWS, this.#cursors.at(-1) ?? null), this.#asking.signal);
      this.render();
    } catch (cause) {
      if (!isAbort(cause)) into.replaceChildren(problem("error.data", cause, () => void this.#load()));
    } finally {
      into.removeAttribute("aria-busy");
    }
  }

  #query(limit: number, cursor: string | null): Parameters<typeof fetchHexes>[0] {
    return { resolution: this.#resolution ?? this.store.now.resolution, sort: this.#sort ?? chosen(this.store, this.town).key, order: this.#order, limit, cursor };
  }

  #columns(): Column[] {
    const { lang } = this.store.now;
    const property = chosen(this.store, this.town);
    const five = this.town.properties.filter(({ key }) => DIMENSIONS.some((name) => name === key) && key !== property.key);
    const plain = [
      { key: "households", title: t("data.households"), show: (row: HexRow) => format.count(lang, row.households) },
      { key: "people", title: t("data.people"), show: (row: HexRow) => format.count(lang, row.people) },
    ];
    const measured = [property, ...five].map((column) => ({
      key: column.key,
      title: DIMENSIONS.some((name) => name === column.key) ? t(`dimension.${column.key}` as Key) : column.title[lang],
      show: (row: HexRow) => format.value(lang, column, row.values[column.key]),
    }));
    return [...plain, ...measured];
  }

  render(): void {
    const page = this.#page;
    if (!page) return;
    const into = one("place-data");
    const focused = document.activeElement instanceof HTMLElement && into.contains(document.activeElement) ? document.activeElement.dataset.focus : undefined;
    into.replaceChildren(
      h("h2", { class: "over-title" }, t("data.title")),
      this.#toolbar(page),
      page.rows.length === 0 ? h("p", { class: "empty" }, t("data.empty")) : this.#table(page),
      this.#pager(page),
    );
    if (focused) into.querySelector<HTMLElement>(`[data-focus="${focused}"]`)?.focus();
  }

  #toolbar(page: HexPage): HTMLElement {
    const levels = this.town.resolutions.map((level) =>
      h("option", { value: level, selected: level === page.resolution }, t("data.resolution.option", { r: level, edge: format.edge(this.store.now.lang, level) })),
    );
    const detail = h("select", { class: "form-select", id: "data-resolution", "data-focus": "resolution" }, ...levels);
    detail.addEventListener("change", () => {
      this.#resolution = Number(detail.value);
      this.#cursors = [null];
      void this.#load();
    });
    const indicator = h("select", { class: "form-select", id: "data-indicator", "data-focus": "indicator" }, ...options(this.store, this.town, this.store.now.property));
    indicator.addEventListener("change", () => this.store.set({ property: indicator.value, highlight: null }));
    return h(
      "div",
      { class: "data-tools" },
      h("div", {}, h("label", { for: "data-indicator", class: "plain" }, t("picker.label")), indicator),
      h("div", {}, h("label", { for: "data-resolution", class: "plain" }, t("data.resolution")), detail),
      h("button", { type: "button", class: "btn btn-primary btn-sm", "data-focus": "export", onclick: () => void this.#export(page.matched) }, icon("download"), t("data.export")),
    );
  }

  #table(page: HexPage): HTMLElement {
    const sort = this.#sort ?? chosen(this.store, this.town).key;
    const columns = this.#columns();
    const header = columns.map(({ key, title }) => {
      const sorted = key === sort;
      const direction = sorted ? (this.#order === "asc" ? "ascending" : "descending") : null;
      return h(
        "th",
        { scope: "col", "aria-sort": direction },
        h("button", { type: "button", class: "sort", "data-focus": `sort-${key}`, onclick: () => this.#sortBy(key) }, title, h("span", { "aria-hidden": "true", class: "arrow" }, sorted ? (this.#order === "asc" ? "▲" : "▼") : "")),
      );
    });
    const title = columns.find(({ key }) => key === sort)?.title ?? sort;
    const { lang } = this.store.now;
    return h(
      "div",
      { class: "table-frame", tabindex: 0, role: "region", "aria-label": t("data.title") },
      h(
        "table",
        { class: "data" },
        h("caption", {}, t("data.caption", { n: plural(lang, "hexes", page.matched), r: page.resolution, sort: title })),
        h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("data.hex")), ...header)),
        h("tbody", {}, ...page.rows.map((row) => this.#row(row, page.resolution, columns))),
      ),
    );
  }

  #row(row: HexRow, resolution: number, columns: Column[]): HTMLElement {
    const choose = (): void => {
      clearTimeout(this.#focusTimer);
      this.#focusTimer = window.setTimeout(() => this.events.chosen(row, resolution), 120);
    };
    return h(
      "tr",
      { class: this.#isChosen(row.id, resolution) ? "selected" : null, "data-row": row.id, onclick: choose },
      h(
        "th",
        { scope: "row" },
        h("button", { type: "button", class: "textual", "data-focus": `row-${row.id}`, onfocus: choose, onclick: () => this.events.opened() }, row.id.replace(/f+$/, ""), h("span", { class: "visually-hidden" }, `, ${t("data.select")}`)),
        row.merged > 1 ? h("span", { class: "joined", title: t("card.merged", { n: row.merged }) }, `×${row.merged}`) : null,
      ),
      ...columns.map(({ key, show }) => h("td", { "data-key": key }, this.#swatch(key, row, resolution), show(row))),
    );
  }

  /** The colour that the map gives the row, where both show the same cells. */
  #swatch(key: string, row: HexRow, resolution: number): HTMLElement | null {
    const { legend } = this.store.now;
    const value = row.values[key] ?? null;
    if (legend?.property !== key || legend.resolution !== resolution || value === null) return null;
    return h("span", { class: "swatch", style: `background:${ramp(legend.breaks.length - 1)[classOf(value, legend.breaks)] ?? ""}` });
  }

  /** Shows which row is the hexagon chosen on the map. */
  mark(): void {
    const resolution = this.#page?.resolution ?? null;
    for (const row of document.querySelectorAll<HTMLElement>("[data-row]")) row.classList.toggle("selected", this.#isChosen(row.dataset.row, resolution));
  }

  #isChosen(id: string | undefined, resolution: number | null): boolean {
    const { selected, selectedResolution } = this.store.now;
    return selected === id && (selectedResolution === null || selectedResolution === resolution);
  }

  #sortBy(key: string): void {
    const sort = this.#sort ?? chosen(this.store, this.town).key;
    this.#order = sort === key && this.#order === "desc" ? "asc" : "desc";
    this.#sort = key;
    this.#cursors = [null];
    void this.#load();
  }

  #pager(page: HexPage): HTMLElement {
    const { lang } = this.store.now;
    const before = (this.#cursors.length - 1) * ROWS;
    const turn = (cursors: (string | null)[]): void => {
      this.#cursors = cursors;
      void this.#load();
    };
    const said = t("data.page", { from: format.count(lang, page.rows.length === 0 ? 0 : before + 1), to: format.count(lang, before + page.rows.length), n: format.count(lang, page.matched) });
    return h(
      "nav",
      { class: "pager", "aria-label": t("data.pages") },
      h("button", { type: "button", class: "btn btn-outline-primary btn-xs", "data-focus": "previous", disabled: this.#cursors.length === 1, onclick: () => turn(this.#cursors.slice(0, -1)) }, t("data.previous")),
      h("span", { role: "status" }, said),
      h("button", { type: "button", class: "btn btn-outline-primary btn-xs", "data-focus": "next", disabled: page.next === null, onclick: () => turn([...this.#cursors, page.next]) }, t("data.next")),
    );
  }

  async #export(expected: number): Promise<void> {
    const { lang } = this.store.now;
    const rows: HexRow[] = [];
    let cursor: string | null = null;
    try {
      do {
        const page: HexPage = await fetchHexes(this.#query(200, cursor));
        rows.push(...page.rows);
        cursor = page.next;
        announce(t("data.exporting", { done: format.count(lang, rows.length), n: format.count(lang, expected) }));
      } while (cursor !== null);
      downloadCsv(rows, this.town);
      announce(t("data.exported", { n: format.count(lang, rows.length) }));
    } catch (cause) {
      one("place-data").prepend(problem("error.data", cause, () => void this.#export(expected)));
    }
  }
}
