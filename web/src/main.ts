/** Opens the page: the town, the base map and the map library arrive together, then `App` joins them. */
import "./ui/italia.scss";
import "./ui/style.css";
import "./ui/panel.css";
import "./ui/map.css";
import "./ui/people.css";
import "./ui/plans.css";
import "./ui/narrow.css";
import type { StyleSpecification } from "maplibre-gl";
import { fetchBounds, fetchTown, type Town } from "./api";
import { App } from "./app";
import { speak, t } from "./i18n";
import { initial, readHash, Store } from "./state";
import { one } from "./ui/dom";
import { announce, clearFailure, showFailure } from "./ui/status";

const store = new Store({ ...initial, ...readHash(location.hash) });
const library = import("./map/view");

async function baseStyle(): Promise<StyleSpecification> {
  const response = await fetch(new URL("styles/basemap.json", document.baseURI));
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return (await response.json()) as StyleSpecification;
}

/** The first view is the municipality; its hexagons reach over the boundary. */
async function frameOf(town: Town): Promise<Town["bounds"]> {
  if (!town.layers.some(({ name, count }) => name === "boundary" && count > 0)) return town.bounds;
  return (await fetchBounds("boundary").catch(() => null)) ?? town.bounds;
}

async function open(): Promise<void> {
  clearFailure();
  announce(t("loading.town"));
  one("map-loading").textContent = t("loading.town");
  const style = baseStyle();
  style.catch(() => undefined);
  try {
    const town = await fetchTown();
    const app = new App(store, { ...town, bounds: await frameOf(town) });
    app.mount();
    await app.openMap(library, style);
  } catch (cause) {
    one("map-loading").hidden = true;
    showFailure("error.town", cause, () => void open());
  }
}

speak(store.now.lang);
void open();
