/** The places of the panel: what exists today is shown, the rest is not promised. */
import { may, type Town } from "../api";
import { t } from "../i18n";
import type { Place, Store } from "../state";
import { h, icon, one } from "../ui/dom";
import { raiseSheet } from "./sheet";

export function renderPlaces(store: Store, town: Town): void {
  const go = (place: Place) => (): void => {
    store.set({ place });
    raiseSheet();
    document.querySelector<HTMLElement>(`#places [data-place="${place}"]`)?.focus();
  };
  const item = (place: Place, sign: "map" | "people" | "truck" | "table"): HTMLElement =>
    h(
      "li",
      {},
      h(
        "button",
        { type: "button", class: "place", "data-place": place, "aria-current": store.now.place === place ? "page" : null, onclick: go(place) },
        icon(sign),
        t(`place.${place}`),
      ),
    );
  const places = one("places");
  places.setAttribute("aria-label", t("places"));
  places.replaceChildren(h("ul", {}, item("map", "map"), item("people", "people"), may(town, "plan") && item("plans", "truck"), item("data", "table")));
  one("panel").setAttribute("aria-label", t("panel"));
  one("place-map").hidden = store.now.place !== "map";
  one("place-people").hidden = store.now.place !== "people";
  one("place-plans").hidden = store.now.place !== "plans";
  one("place-data").hidden = store.now.place !== "data";
  one("frame").dataset.place = store.now.place;
}
