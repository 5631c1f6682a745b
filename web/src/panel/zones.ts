/** The place "Persone" for whom may not ask about households: the map shows only the zones where the published figures are so. */
import type { HexRow, Town } from "../api";
import { fetchFields } from "../ask/api";
import { read } from "../ask/condition";
import { keepSpread } from "../ask/spread";
import { answers, fetchZones, figure, spreadOfZones } from "../ask/zones";
import * as format from "../format";
import { t } from "../i18n";
import { plural } from "../i18n/plural";
import type { MapHandle } from "../map/view";
import type { Store } from "../state";
import { h, one } from "../ui/dom";
import { announce, isAbort, problem } from "../ui/status";
import { chosen } from "./picker";
import { quantity } from "./words";

/** What tells a zone apart, not what it is like. */
const NAMES = ["id", "resolution", "merged"];
const LISTED = 20;
const SAY_MS = 700;

export class Zones {
  #rows: HexRow[] = [];
  #of = "";
  #asked = new AbortController();
  #map: MapHandle | null = null;
  #timer = 0;

  constructor(
    private readonly store: Store,
    private readonly town: Town,
    private readonly picked: (hexagon: string, resolution: number) => void,
  ) {
    store.on(["conditions", "place", "property"], () => this.show());
    store.on(["resolution", "place"], () => void this.load());
  }

  get active(): boolean {
    return this.town.policy === "public";
  }

  mapReady(map: MapHandle): void {
    this.#map = map;
    this.show();
  }

  /** What can be asked of zones, and the question of the address. */
  async learn(): Promise<void> {
    const { fields, ...rest } = await fetchFields("hexes");
    const figures = fields.filter(({ name }) => !NAMES.includes(name));
    const { written } = this.store.now;
    const conditions = written === null ? null : read(written, figures);
    this.store.set({ fields: { ...rest, fields: figures }, ...(conditions ? { conditions, written: null } : {}) });
    await this.load();
  }

  /** The rows of the resolution that the map shows. */
  async load(): Promise<void> {
    const { place, resolution, fields } = this.store.now;
    if (!this.active || place !== "people" || !fields || resolution === null) return;
    const wanted = `${this.town.generation} ${resolution}`;
    if (wanted === this.#of) return;
    this.#asked.abort();
    this.#asked = new AbortController();
    try {
      this.#rows = await fetchZones(resolution, this.#asked.signal);
      this.#of = wanted;
      for (const field of fields.fields) keepSpread(field, spreadOfZones(this.#rows, field));
      this.show();
    } catch (cause) {
      if (!isAbort(cause)) one("people-failure").replaceChildren(problem("error.data", cause, () => void this.load()));
    }
  }

  show(): void {
    if (!this.active || !document.getElementById("people-found")) return;
    const { place, conditions } = this.store.now;
    const some = conditions.filter((condition) => condition.kind === "range" && (condition.from !== null || condition.to !== null));
    this.#map?.only(place === "people" ? some : []);
    if (place !== "people") return;
    const colour = chosen(this.store, this.town);
    one("people-view").replaceChildren(h("p", { class: "hint" }, t("zones.colour", { title: colour.title[this.store.now.lang] })));
    const found = this.#rows.filter((row) => some.every((condition) => answers(row, condition)));
    this.#count(found, some.length > 0);
    this.#list(found, some[0]?.field ?? null);
  }

  #count(found: HexRow[], asked: boolean): void {
    const { lang } = this.store.now;
    const into = one("people-found");
    into.classList.toggle("idle", !asked);
    clearTimeout(this.#timer);
    if (!asked) return into.replaceChildren(h("p", { class: "found-all" }, t("zones.all", { zones: plural(lang, "zones", this.#rows.length), households: plural(lang, "households", this.town.households) })));
    const sum = (key: "households" | "people"): number => found.reduce((all, row) => all + row[key], 0);
    const [households, people] = [plural(lang, "households", sum("households")), plural(lang, "people", sum("people"))];
    const share = this.#rows.length > 0 ? found.length / this.#rows.length : 0;
    into.replaceChildren(
      h("p", { class: "found-n", "data-zones": found.length }, h("strong", {}, format.count(lang, found.length)), ` ${t("zones.of", { n: format.count(lang, this.#rows.length) })}`),
      h("span", { class: "found-bar", "aria-hidden": "true" }, h("span", { style: `width:${(100 * share).toFixed(2)}%` })),
      h("p", { class: "found-of" }, t("zones.live", { households, people }), h("button", { type: "button", class: "textual", id: "people-clear", onclick: () => this.#clear() }, t("people.clear"))),
      ...(found.length === 0 ? [h("p", { class: "found-note" }, t("zones.nowhere"))] : []),
    );
    this.#timer = window.setTimeout(() => announce(t("zones.said", { n: plural(lang, "zones", found.length), households })), SAY_MS);
  }

  #clear(): void {
    this.store.set({ conditions: [], written: null });
    announce(t("people.cleared"));
    document.getElementById("add-condition")?.focus();
  }

  /** The zones found, those with the most of what is asked first. */
  #list(found: HexRow[], by: string | null): void {
    const into = one("people-answer");
    const { lang, fields, resolution } = this.store.now;
    into.hidden = by === null || found.length === 0 || resolution === null;
    if (into.hidden || by === null || resolution === null) return into.replaceChildren();
    const field = fields?.fields.find(({ name }) => name === by);
    const said = (row: HexRow): string => {
      const value = figure(row, by);
      return value === null ? "–" : quantity(lang, field, value);
    };
    const most = [...found].sort((a, b) => (figure(b, by) ?? 0) - (figure(a, by) ?? 0)).slice(0, LISTED);
    const line = (row: HexRow): HTMLElement =>
      h(
        "tr",
        { "data-zone": row.id },
        h("th", { scope: "row" }, h("button", { type: "button", class: "textual", onclick: () => this.picked(row.id, resolution) }, row.id.replace(/f+$/, ""), h("span", { class: "visually-hidden" }, `, ${t("data.select")}`))),
        h("td", {}, said(row)),
        h("td", {}, format.count(lang, row.households)),
      );
    into.replaceChildren(
      h(
        "div",
        { class: "table-frame", tabindex: 0, role: "region", "aria-label": t("zones.table") },
        h("table", { class: "data answer zones" }, h("caption", {}, t("zones.first", { n: Math.min(LISTED, found.length), of: format.count(lang, found.length) })), h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("data.hex")), h("th", { scope: "col" }, field?.title[lang] ?? by), h("th", { scope: "col" }, t("data.households")))), h("tbody", {}, ...most.map(line))),
      ),
    );
  }
}
