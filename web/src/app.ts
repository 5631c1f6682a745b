/** Joins the state, the server and the parts of the screen. */
import type { StyleSpecification } from "maplibre-gl";
import { fetchHex, fetchLegend, fetchTown, may, type Address, type Town } from "./api";
import { follow, type News } from "./events";
import * as format from "./format";
import { speak, t } from "./i18n";
import { plural } from "./i18n/plural";
import { renderFoot, renderLoading, renderScale, renderTools } from "./map/furniture";
import { Drawing } from "./map/drawing";
import { Hover } from "./map/hover";
import { others } from "./map/reference";
import type { Hexagon, MapHandle } from "./map/view";
import { cardOf } from "./panel/card";
import { DataTable } from "./panel/data";
import { renderLayers } from "./panel/layers";
import { markHighlight, renderLegend } from "./panel/legend";
import { chosen, renderPicker } from "./panel/picker";
import { renderPlaces } from "./panel/places";
import { renderSearch } from "./panel/search";
import { People } from "./people";
import { Plans } from "./plans";
import { mountSheet, raiseSheet, renderSheet } from "./panel/sheet";
import { readHash, writeHash, type Store } from "./state";
import { h, one } from "./ui/dom";
import { download } from "./ui/download";
import { renderHeader } from "./ui/header";
import { announce, clearFailure, isAbort, problem, showFailure, watchNetwork } from "./ui/status";

/** From this width on, the card stands beside the map; below, in the panel. */
const WIDE = matchMedia("(min-width: 1200px)");

export class App {
  #map: MapHandle | null = null;
  readonly #data: DataTable;
  readonly #people: People;
  readonly #plans: Plans;
  #drawing: Drawing | null = null;
  readonly #hover = new Hover();
  #legendOf = "";
  #newsTimer = 0;
  #legendAsked = new AbortController();
  #cardAsked = new AbortController();
  #focusCard = false;

  constructor(
    private readonly store: Store,
    private readonly town: Town,
  ) {
    this.#data = new DataTable(store, town, {
      chosen: (row, resolution) => {
        this.store.set({ selected: row.id, selectedResolution: resolution });
        this.#flyToHex(row.center, resolution);
      },
      opened: () => {
        this.#focusCard = true;
        this.store.set({ place: "map" });
        document.getElementById("card-title")?.focus();
      },
    });
    this.#people = new People(store, town, { chosen: (hexagon, resolution) => this.#chosenInTable(hexagon, resolution) });
    this.#plans = new Plans(store, town, this.#people);
  }

  mount(): void {
    const { store } = this;
    // A link to a place that is not for this reader opens the map.
    if (store.now.place === "plans" && !may(this.town, "plan")) store.set({ place: "map" });
    mountSheet();
    this.#words();
    store.on(["lang"], () => {
      speak(store.now.lang);
      this.#words();
      this.#renderCard();
      this.#data.render();
    });
    store.on(["place"], () => {
      renderPlaces(store, this.town);
      if (store.now.place === "data") void this.#data.open();
      this.#map?.resized(0);
    });
    store.on(["property", "resolution"], () => void this.#askLegend());
    store.on(["property"], () => this.#propertyChanged());
    store.on(["resolution"], () => {
      if (store.now.place === "data") void this.#data.open();
    });
    store.on(["legend"], () => this.#legendCame());
    store.on(["highlight"], () => {
      markHighlight(store);
      if (store.now.legend) this.#map?.highlight(store.now.legend.property, store.now.highlight);
    });
    store.on(["selected", "selectedResolution"], () => void this.#askCard());
    store.on(["selected", "selectedResolution", "resolution"], () => this.#outline());
    store.on(["card", "legend", "resolution", "here"], () => this.#renderCard());
    store.on(["property", "resolution", "view", "selected", "layers", "place", "desk", "lang", "conditions", "written", "areas", "show", "measure"], () => history.replaceState(null, "", writeHash(store.now)));
    addEventListener("hashchange", () => this.#followHash());
    addEventListener("keydown", (event) => this.#key(event));
    WIDE.addEventListener("change", () => this.#renderCard());
    watchNetwork(() => void this.#askLegend());
    if (store.now.resolution !== null) void this.#askLegend();
    if (store.now.selected) void this.#askCard();
    if (store.now.place === "data") void this.#data.open();
    void this.#people.open();
    follow(this.town.generation, (news) => void this.#news(news));
  }

  async openMap(library: Promise<typeof import("./map/view")>, style: Promise<StyleSpecification>): Promise<void> {
    const { store } = this;
    try {
      const { openMap } = await library;
      this.#map = await openMap(one("map"), await style, this.town, store.now.view, {
        moved: (view) => store.set({ view }),
        zoomed: (zoom) => store.set({ resolution: this.#resolutionAt(zoom) }),
        chosen: (hexagon, byKey) => this.#choose(hexagon, byKey),
        hovered: (hexagon, x, y) => this.#hover.show(hexagon, x, y, chosen(store, this.town), store.now.lang),
        loading: renderLoading,
        failed: (message) => showFailure("error.tiles", message, null),
        changed: (draft) => this.#drawing?.changed(draft, store.now.lang),
        finished: (area) => this.#drawing?.finished(area),
      });
    } catch (cause) {
      showFailure("error.webgl", cause, null);
      void this.#askLegend();
      return;
    }
    const { map } = this.#map;
    map.on("move", () => renderScale(map));
    renderScale(map);
    this.#legendCame();
    this.#outline();
    this.#drawing = new Drawing(this.#map.draw);
    this.#people.mapReady(this.#map, this.#drawing);
    this.#plans.mapReady(this.#map, this.#drawing);
    for (const layer of others(this.town.layers)) if (store.now.layers.includes(layer.name)) this.#map.layer(layer, true);
  }

  /** The server says which cells its tiles hold at a zoom; MapLibre asks for the tiles of the whole zoom below. */
  #resolutionAt(zoom: number): number | null {
    const levels = this.town.resolution_by_zoom;
    return levels[Math.min(levels.length - 1, Math.max(0, Math.floor(zoom)))] ?? null;
  }

  /** Everything that is written, in the language in use. */
  #words(): void {
    const { store, town } = this;
    renderHeader(store, town);
    renderPlaces(store, town);
    renderSheet();
    renderSearch({ found: (address) => this.#found(address), cleared: () => this.#map?.unpin() });
    renderPicker(store, town);
    renderLegend(store, town);
    renderLayers(store, town, (layer, wanted) => this.#map?.layer(layer, wanted));
    renderTools({ zoom: (by) => this.#map?.map.zoomTo(this.#map.map.getZoom() + by), home: () => this.#map?.home(), picture: () => void this.#picture() });
    renderFoot(town);
    if (this.#map) renderScale(this.#map.map);
    this.#people.words();
    this.#plans.words();
    this.#title();
  }

  #title(): void {
    const property = chosen(this.store, this.town);
    document.title = t("app.title", { property: property.title[this.store.now.lang], town: this.town.name });
  }

  #propertyChanged(): void {
    renderPicker(this.store, this.town);
    this.#title();
    if (this.store.now.place === "data") void this.#data.open();
  }

  async #askLegend(): Promise<void> {
    const { store, town } = this;
    const property = chosen(store, town);
    const { resolution, legend } = store.now;
    if (this.#legendOf === town.generation && legend?.property === property.key && (resolution === null || legend.resolution === resolution)) return;
    this.#legendAsked.abort();
    this.#legendAsked = new AbortController();
    try {
      const came = await fetchLegend(property.key, resolution, this.#legendAsked.signal);
      clearFailure();
      this.#legendOf = town.generation;
      store.set({ legend: came, highlight: null });
    } catch (cause) {
      if (!isAbort(cause)) showFailure("error.legend", cause, () => void this.#askLegend());
    }
  }

  #legendCame(): void {
    const { legend, highlight, lang } = this.store.now;
    renderLegend(this.store, this.town);
    if (!legend) return;
    this.#map?.show(legend, highlight);
    const hexes = legend.counts.reduce((sum, n) => sum + n, 0);
    announce(`${chosen(this.store, this.town).title[lang]}: ${plural(lang, "hexes", hexes)}`);
  }

  #choose(hexagon: Hexagon | null, byKey: boolean): void {
    if (!hexagon) {
      if (byKey) announce(t("map.nohex"));
      this.store.set({ selected: null, selectedResolution: null });
      return;
    }
    this.#focusCard = byKey;
    this.store.set({ selected: hexagon.id, selectedResolution: this.store.now.resolution });
  }

  /** Joined cells of several resolutions may bear one name, so the outline belongs to one of them only. */
  #outline(): void {
    const { selected, selectedResolution, resolution } = this.store.now;
    this.#map?.select(selectedResolution === null || selectedResolution === resolution ? selected : null);
  }

  async #askCard(): Promise<void> {
    const { selected, selectedResolution, lang } = this.store.now;
    this.#data.mark();
    this.#renderCard();
    this.#cardAsked.abort();
    if (!selected) {
      this.store.set({ card: null });
      return;
    }
    this.#cardAsked = new AbortController();
    announce(t("card.loading"));
    try {
      const card = await fetchHex(selected, selectedResolution, this.#cardAsked.signal);
      this.store.set({ card });
      this.#uncover(card.center);
      raiseSheet();
      announce(`${t("card")}: ${plural(lang, "households", card.households)}, ${plural(lang, "people", card.people)}`);
      if (this.#focusCard) document.getElementById("card-title")?.focus();
      this.#focusCard = false;
    } catch (cause) {
      if (isAbort(cause)) return;
      this.store.set({ card: null });
      this.#putCard(problem("error.card", cause, () => void this.#askCard()));
    }
  }

  #renderCard(): void {
    const { card, selected, selectedResolution } = this.store.now;
    if (!selected) this.#putCard(null);
    else if (card?.id !== selected || card.resolution !== (selectedResolution ?? card.resolution)) this.#putCard(h("p", { class: "hint" }, t("card.loading")));
    else
      this.#putCard(
        cardOf(this.store, this.town, card, {
          closed: () => this.#close(),
          shown: () => this.#flyToHex(card.center, this.store.now.selectedResolution ?? card.resolution),
        }),
      );
  }

  #putCard(content: HTMLElement | null): void {
    const [side, inside] = [one("card-side"), one("card-inside")];
    const before = one("stage").clientWidth;
    side.setAttribute("aria-label", t("card"));
    side.replaceChildren(...(content && WIDE.matches ? [content] : []));
    inside.replaceChildren(...(content && !WIDE.matches ? [content] : []));
    side.hidden = !(content && WIDE.matches);
    const lost = before - one("stage").clientWidth;
    if (lost !== 0) this.#hover.hide();
    this.#map?.resized(lost);
    if (content && !WIDE.matches) one("scroll").scrollTop = 0;
  }

  #close(): void {
    this.store.set({ selected: null, selectedResolution: null });
    document.querySelector<HTMLElement>("#map canvas")?.focus();
  }

  /** Brings back in sight what the card has covered. */
  #uncover(center: [number, number]): void {
    const map = this.#map?.map;
    if (map && this.store.now.place === "map" && !map.getBounds().contains(center)) this.#map?.fly(...center);
  }

  /** Moves only if the hexagon is out of sight or too small to be in the tiles. */
  #flyToHex([lon, lat]: [number, number], resolution: number): void {
    const map = this.#map?.map;
    if (!map) return;
    const shown = this.store.now.resolution === resolution;
    if (shown && map.getBounds().contains([lon, lat])) return;
    this.#map?.fly(lon, lat, shown ? undefined : resolution + 3.6);
  }

  /** The table tells the name of a hexagon alone: where it lies is on its card. */
  #chosenInTable(hexagon: string, resolution: number): void {
    this.#focusCard = false;
    this.store.set({ selected: hexagon, selectedResolution: resolution });
  }

  /** Another generation is served: what shows its figures is asked again, and the map where they changed. */
  async #news(news: News): Promise<void> {
    if (news.generation === this.town.generation) return;
    const town = await fetchTown().catch(() => null);
    if (!town || town.generation === this.town.generation) return;
    const { bounds } = this.town;
    Object.assign(this.town, town, { bounds });
    await this.#map?.refresh({ ...news, generation: town.generation });
    void this.#askLegend();
    if (this.store.now.selected) void this.#askCard();
    if (this.store.now.place === "data") void this.#data.open();
    renderHeader(this.store, this.town);
    renderPicker(this.store, this.town);
    renderFoot(this.town);
    if (this.#map) renderScale(this.#map.map);
    await this.#people.fresh();
    const said = t("news", { date: format.date(town.as_of) });
    one("map-news").textContent = said;
    clearTimeout(this.#newsTimer);
    this.#newsTimer = window.setTimeout(() => (one("map-news").textContent = ""), 15_000);
  }

  #found(address: Address): void {
    if (address.lon === null || address.lat === null) return;
    this.#map?.pin(address.lon, address.lat, address.label);
    this.#map?.fly(address.lon, address.lat, Math.max(15, this.#map.map.getZoom()));
  }

  async #picture(): Promise<void> {
    const { legend, lang } = this.store.now;
    if (!this.#map || !legend) return;
    const { figureSheet, picture } = await import("./map/picture");
    const found = this.#people.sheet();
    const blob = await picture(this.#map.map, found ? { town: this.town, ...found } : figureSheet(this.town, chosen(this.store, this.town), legend, lang));
    download(blob, `atlante-${this.town.comune}-${found ? "persone" : legend.property}-${format.date(this.town.as_of).replaceAll("/", "-")}.png`);
    announce(t("map.picture.done"));
  }

  #followHash(): void {
    if (location.hash === writeHash(this.store.now)) return;
    const asked = readHash(location.hash);
    const plain = { selected: null, selectedResolution: null, place: "map", desk: "list", written: null, show: "found", measure: "n" } as const;
    this.store.set({ ...plain, conditions: [], areas: [], ...asked });
    this.#people.reread();
    if (asked.view) this.#map?.map.jumpTo({ center: [asked.view.lon, asked.view.lat], zoom: asked.view.zoom });
  }

  #key(event: KeyboardEvent): void {
    if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (this.store.now.highlight) this.store.set({ highlight: null });
    else if (this.store.now.selected) this.#close();
  }
}
