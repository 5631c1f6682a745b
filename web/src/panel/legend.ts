/** The legend: classes with their breaks and counts, what is not known, what is joined, and the histogram. */
import type { Legend, Property, Town } from "../api";
import * as format from "../format";
import { t } from "../i18n";
import { plural } from "../i18n/plural";
import { ramp } from "../palette";
import type { Range, Store } from "../state";
import { h, one } from "../ui/dom";
import { histogram } from "./histogram";
import { chosen } from "./picker";

/** The class `i` as a range; the last one takes its upper end in. */
function classRange(legend: Legend, i: number): Range {
  const last = i === legend.breaks.length - 2;
  return { from: i === 0 ? -Infinity : (legend.breaks[i] ?? 0), to: last ? Infinity : (legend.breaks[i + 1] ?? 0) };
}

const same = (a: Range | null, b: Range): boolean => a !== null && a.from === b.from && a.to === b.to;

function row(store: Store, property: Property, legend: Legend, i: number, colour: string): HTMLElement {
  const { lang } = store.now;
  const range = classRange(legend, i);
  const from = format.value(lang, property, legend.breaks[i]);
  const to = format.value(lang, property, legend.breaks[i + 1]);
  const hexes = legend.counts[i] ?? 0;
  const households = legend.households[i] ?? 0;
  return h(
    "tr",
    { class: "class" },
    h(
      "th",
      { scope: "row" },
      h(
        "button",
        {
          type: "button",
          class: "class-button",
          "data-class": i,
          "aria-pressed": "false",
          onclick: () => store.set({ highlight: same(store.now.highlight, range) ? null : range }),
        },
        h("span", { class: "swatch", style: `background:${colour}` }),
        h("span", { class: "class-range" }, `${from} – ${to}`),
        h("span", { class: "visually-hidden" }, `, ${t("legend.show")}`),
      ),
    ),
    h("td", { "data-count": hexes }, format.count(lang, hexes)),
    h("td", { "data-households": households }, format.count(lang, households)),
  );
}

function notes(store: Store, town: Town, legend: Legend): HTMLElement[] {
  const { lang } = store.now;
  const found: HTMLElement[] = [];
  if (legend.unknown > 0) {
    found.push(h("li", {}, h("span", { class: "swatch hatch" }), h("span", {}, t("legend.unknown")), h("span", { class: "note-count" }, plural(store.now.lang, "hexes", legend.unknown))));
  }
  if (legend.merged > 0) {
    found.push(
      h(
        "li",
        { "data-note": "merged", title: t("legend.merged.why", { n: town.min_households }) },
        h("span", { class: "swatch joined-swatch" }),
        h("span", {}, t("legend.merged", { n: town.min_households })),
        h("span", { class: "note-count" }, format.count(lang, legend.merged)),
      ),
    );
  }
  if (town.unplaced_households) {
    found.push(h("li", { class: "unplaced" }, h("span", {}, t("legend.unplaced")), h("span", { class: "note-count" }, plural(lang, "households", town.unplaced_households))));
  }
  return found;
}

/** Shows which class is highlighted on the map. */
export function markHighlight(store: Store): void {
  const { legend, highlight } = store.now;
  if (!legend) return;
  for (const button of document.querySelectorAll<HTMLElement>("[data-class]")) {
    const range = classRange(legend, Number(button.dataset.class));
    button.setAttribute("aria-pressed", String(same(highlight, range)));
  }
}

export function renderLegend(store: Store, town: Town): void {
  const { legend } = store.now;
  const property = chosen(store, town);
  const into = one("legend");
  if (!legend) {
    into.replaceChildren(h("p", { class: "hint legend-wait" }, t("loading.legend")));
    return;
  }
  if (legend.property !== property.key) return;
  if (legend.breaks.length < 2) {
    into.replaceChildren(h("p", { class: "empty" }, t("legend.empty")));
    return;
  }
  const colours = ramp(legend.breaks.length - 1);
  into.replaceChildren(
    h("h2", { class: "over-title" }, t("legend"), h("span", { class: "edge" }, t("legend.edge", { edge: format.edge(store.now.lang, legend.resolution) }))),
    histogram(store, property, legend, town.means[property.key] ?? null),
    h(
      "table",
      { class: "classes", "data-legend": `${legend.property}@${legend.resolution}` },
      h("caption", { class: "visually-hidden" }, property.title[store.now.lang]),
      h(
        "thead",
        {},
        h("tr", {}, h("th", { scope: "col" }, t("legend.class")), h("th", { scope: "col" }, t("legend.hexes")), h("th", { scope: "col" }, t("legend.households"))),
      ),
      h("tbody", {}, ...colours.map((colour, i) => row(store, property, legend, i, colour))),
    ),
    h("ul", { class: "notes" }, ...notes(store, town, legend)),
  );
}
