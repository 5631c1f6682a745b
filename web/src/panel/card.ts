/** The card of one hexagon: how many, how fragile beside the town, why, and what is not known. */
import type { HexCard, HexValue, Property, Town } from "../api";
import * as format from "../format";
import { t, type Key } from "../i18n";
import { plural } from "../i18n/plural";
import { classOf, ramp } from "../palette";
import type { Store } from "../state";
import { h, icon } from "../ui/dom";
import { chosen, DIMENSIONS } from "./picker";

export interface CardEvents {
  closed(): void;
  shown(): void;
}

interface Line {
  property: Property;
  value: HexValue;
}

function lines(card: HexCard, town: Town): Line[] {
  return town.properties.flatMap((property) => {
    const value = card.values.find((candidate) => candidate.key === property.key);
    return value ? [{ property, value }] : [];
  });
}

function comparison(store: Store, { property, value }: Line): string {
  const { lang } = store.now;
  if (value.town === null || value.value === null) return t("card.nomean");
  const mean = format.value(lang, property, value.town);
  if (property.unit === "index" || value.town === 0) return `${t("town.mean")}: ${mean}`;
  const times = value.value / value.town;
  if (times > 0.95 && times < 1.05) return t("card.same", { mean });
  return t("card.times", { n: format.ratio(lang, times), mean });
}

function headline(store: Store, line: Line): HTMLElement {
  const { lang, legend } = store.now;
  const { property, value } = line;
  const colour =
    legend?.property === property.key && value.value !== null && legend.breaks.length > 1
      ? ramp(legend.breaks.length - 1)[classOf(value.value, legend.breaks)]
      : undefined;
  return h(
    "div",
    { class: "headline" },
    h("span", { class: colour ? "swatch" : "swatch hatch", ...(colour ? { style: `background:${colour}` } : {}) }),
    h("div", {}, h("span", { class: "headline-label" }, property.title[lang]), h("span", { class: "headline-note" }, comparison(store, line))),
    h("span", { class: "headline-value", "data-key": property.key }, format.value(lang, property, value.value)),
  );
}

/** Bars share one scale, so that dimensions can be compared with each other. */
function dimensions(store: Store, found: Line[]): HTMLElement {
  const { lang } = store.now;
  const five = DIMENSIONS.flatMap((name) => found.filter(({ property }) => property.key === name));
  const most = Math.max(0.01, ...five.flatMap(({ value }) => [value.value ?? 0, value.town ?? 0]));
  const share = (value: number): string => `${Math.min(100, (100 * value) / most).toFixed(1)}%`;
  const bar = ({ property, value }: Line): HTMLElement => {
    const here = format.value(lang, property, value.value);
    const mean = format.value(lang, property, value.town);
    return h(
      "li",
      { class: "dimension" },
      h("span", { class: "dimension-name" }, t(`dimension.${property.key}` as Key)),
      h("span", { class: "dimension-value", "data-key": property.key }, here),
      h(
        "span",
        { class: "track", role: "img", "aria-label": `${t("card.here")} ${here}, ${t("town.mean")} ${mean}`, title: `${t("town.mean")}: ${mean}` },
        value.value === null
          ? h("span", { class: "fill hatch", style: "width:100%" })
          : h("span", { class: "fill", style: `width:${share(value.value)}` }),
        value.value !== null && value.town !== null && value.value > value.town
          ? h("span", { class: "fill over", style: `left:${share(value.town)};width:${share(value.value - value.town)}` })
          : null,
        value.town === null ? null : h("span", { class: "tick", style: `left:${share(value.town)}` }),
      ),
    );
  };
  return h(
    "section",
    {},
    h("h3", { class: "over-title" }, t("dimensions")),
    h("ul", { class: "dimensions" }, ...five.map(bar)),
    h("p", { class: "hint" }, t("dimensions.note")),
  );
}

function indicators(store: Store, found: Line[]): HTMLElement {
  const { lang } = store.now;
  const row = ({ property, value }: Line): HTMLElement =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, property.title[lang], h("span", { class: "of" }, t(value.unknown > 0 ? "card.of" : "card.of.all", { known: plural(lang, "households", value.known) }))),
      h("td", { "data-key": property.key }, format.value(lang, property, value.value)),
      h("td", { class: "town" }, format.value(lang, property, value.town)),
    );
  const group = (name: string | null, label: string): HTMLElement[] => {
    const rows = found.filter(({ property }) => property.dimension === name && property.key !== name);
    if (rows.length === 0) return [];
    return [h("tbody", {}, h("tr", { class: "group" }, h("th", { scope: "rowgroup", colspan: 3 }, label)), ...rows.map(row))];
  };
  return h(
    "section",
    {},
    h("h3", { class: "over-title" }, t("card.indicators")),
    h(
      "table",
      { class: "indicators" },
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("card.indicators")), h("th", { scope: "col" }, t("card.here")), h("th", { scope: "col" }, t("card.town")))),
      ...group(null, t("picker.synthesis")),
      ...DIMENSIONS.flatMap((name) => group(name, t(`dimension.${name}` as Key))),
    ),
  );
}

function unknowns(store: Store, found: Line[]): HTMLElement {
  const { lang } = store.now;
  const missing = found.filter(({ value, property }) => value.unknown > 0 && property.key !== property.dimension).sort((a, b) => b.value.unknown - a.value.unknown);
  const row = ({ property, value }: Line): HTMLElement =>
    h(
      "li",
      {},
      t("card.unknown.row", {
        title: property.title[lang],
        unknown: plural(lang, "households", value.unknown),
        households: format.count(lang, value.households),
      }),
    );
  return h(
    "section",
    {},
    h("h3", { class: "over-title" }, t("card.unknown")),
    missing.length === 0 ? h("p", { class: "hint" }, t("card.unknown.none")) : h("ul", { class: "unknowns" }, ...missing.map(row)),
  );
}

function heading(store: Store, card: HexCard, events: CardEvents): HTMLElement {
  const { lang } = store.now;
  return h(
    "div",
    { class: "card-head" },
    h(
      "div",
      {},
      h("p", { class: "card-kind" }, card.merged > 1 ? t("card.merged", { n: card.merged }) : t("card")),
      h(
        "h2",
        { id: "card-title", tabindex: -1, "data-households": card.households, "data-people": card.people },
        `${plural(lang, "households", card.households)} · ${plural(lang, "people", card.people)}`,
      ),
    ),
    h("button", { type: "button", class: "round", "aria-label": t("card.close"), title: t("card.close"), onclick: () => events.closed() }, icon("close")),
  );
}

function elsewhere(store: Store, events: CardEvents): HTMLElement | null {
  const { resolution, selectedResolution } = store.now;
  if (resolution === null || selectedResolution === null || resolution === selectedResolution) return null;
  return h(
    "p",
    { class: "elsewhere" },
    t("card.elsewhere"),
    " ",
    h("button", { type: "button", class: "textual", onclick: () => events.shown() }, t("card.goto")),
  );
}

/** How many of those found live in the hexagon. */
function foundHere(store: Store, card: HexCard): HTMLElement | null {
  const { here, lang } = store.now;
  if (here?.id !== card.id) return null;
  return h("p", { class: "card-found", "data-found": here.households }, t("card.found", { n: plural(lang, "households", here.households), of: format.count(lang, card.households) }));
}

export function cardOf(store: Store, town: Town, card: HexCard, events: CardEvents): HTMLElement {
  const found = lines(card, town);
  const property = chosen(store, town);
  const main = found.find((line) => line.property.key === property.key);
  return h(
    "article",
    { class: "hex-card", "aria-labelledby": "card-title", "data-hex": card.id },
    heading(store, card, events),
    elsewhere(store, events),
    foundHere(store, card),
    main ? headline(store, main) : null,
    dimensions(store, found),
    indicators(store, found),
    unknowns(store, found),
    h("p", { class: "card-foot" }, `${t("map.dated", { date: format.date(card.as_of) })} · ${t("map.model", { id: town.model.id, version: town.model.version })} · ${card.id}`),
  );
}
