/** The choice of the town's other layers. */
import type { Layer, Town } from "../api";
import { t } from "../i18n";
import { others } from "../map/reference";
import type { Store } from "../state";
import { h, one } from "../ui/dom";

export function renderLayers(store: Store, town: Town, changed: (layer: Layer, wanted: boolean) => void): void {
  const { lang, layers } = store.now;
  const choice = (layer: Layer): HTMLElement => {
    const box = h("input", { type: "checkbox", checked: layers.includes(layer.name), "data-layer": layer.name });
    box.addEventListener("change", () => {
      const rest = store.now.layers.filter((name) => name !== layer.name);
      store.set({ layers: box.checked ? [...rest, layer.name] : rest });
      changed(layer, box.checked);
    });
    return h("label", {}, box, layer.title[lang]);
  };
  const found = others(town.layers);
  const open = layers.length > 0 || one("layers").querySelector("details")?.open === true;
  one("layers").replaceChildren(...(found.length === 0 ? [] : [h("details", { class: "layers", open }, h("summary", {}, t("layers")), ...found.map(choice))]));
}
