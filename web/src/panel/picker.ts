/** The choice of what the map shows, grouped by dimension. */
import type { Property, Town } from "../api";
import * as format from "../format";
import { t, type Key } from "../i18n";
import { plural } from "../i18n/plural";
import type { Store } from "../state";
import { h, one } from "../ui/dom";

export const DIMENSIONS = ["economic", "health", "relational", "integration", "housing"] as const;

/** The property that is shown; a broken link falls back to the first one. */
export function chosen(store: Store, town: Town): Property {
  const found = town.properties.find((property) => property.key === store.now.property) ?? town.properties[0];
  if (!found) throw new Error("the town has no property");
  return found;
}

/** Options in their groups: synthesis first, then each dimension with its indicators. */
export function options(store: Store, town: Town, selected: string): HTMLElement[] {
  const { lang } = store.now;
  const option = (property: Property): HTMLElement =>
    h("option", { value: property.key, selected: property.key === selected }, property.title[lang]);
  const group = (label: string, properties: Property[]): HTMLElement[] =>
    properties.length === 0 ? [] : [h("optgroup", { label }, ...properties.map(option))];
  const rest = town.properties.filter((property) => !DIMENSIONS.some((name) => name === property.dimension));
  return [
    ...group(t("picker.synthesis"), rest),
    ...DIMENSIONS.flatMap((name) =>
      group(
        t(`dimension.${name}` as Key),
        town.properties.filter((property) => property.dimension === name).sort((a, b) => Number(b.key === name) - Number(a.key === name)),
      ),
    ),
  ];
}

export function renderPicker(store: Store, town: Town): void {
  const property = chosen(store, town);
  const select = h(
    "select",
    {
      class: "form-select",
      id: "indicator",
      onchange: (event) => store.set({ property: (event.target as HTMLSelectElement).value, highlight: null }),
    },
    ...options(store, town, property.key),
  );
  const focused = document.activeElement?.id === "indicator";
  one("picker").replaceChildren(
    h("label", { for: "indicator", class: "plain" }, t("picker.label")),
    select,
    h("p", { class: "hint" }, property.description[store.now.lang]),
    h("p", { class: "mean" }, `${t("town.mean")}: `, h("strong", { "data-mean": property.key }, format.value(store.now.lang, property, town.means[property.key])), ` · ${plural(store.now.lang, "households", town.households)}`),
  );
  if (focused) select.focus();
}
