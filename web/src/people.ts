/** The place "Persone": joins the question, its answer and the map. */
import { get, may, type Town } from "./api";
import { Asking } from "./ask/asking";
import { fetchCount } from "./ask/api";
import { outlineOf, type Area, type Shape } from "./ask/area";
import { forgetSpreads } from "./ask/spread";
import { tileFilter } from "./ask/spatial";
import * as format from "./format";
import { t } from "./i18n";
import { plural } from "./i18n/plural";
import type { Draft, Tool } from "./map/draw";
import type { Drawing } from "./map/drawing";
import { countBreaks, shareBreaks } from "./map/breaks";
import type { MapHandle } from "./map/view";
import { AnswerTable } from "./panel/answer";
import { Conditions } from "./panel/conditions";
import { Found } from "./panel/found";
import { renderInvitation } from "./panel/invitation";
import { QueryBox } from "./panel/query";
import { Zones } from "./panel/zones";
import { Where, withOutlines } from "./panel/where";
import { areaName } from "./panel/words";
import { asks, filterIn, type Store } from "./state";
import { h, one } from "./ui/dom";
import { problem } from "./ui/status";

const TILES_WAIT_MS = 120;
const CLASSES_WAIT_MS = 200;
/** So many hexagons an answer, and so many answers one after the other. */
const HEXES = 2_000;
const PAGES = 12;

export interface PeopleEvents {
  chosen(hexagon: string, resolution: number): void;
}

export class People {
  readonly asking: Asking;
  readonly #conditions: Conditions;
  readonly #found: Found;
  readonly #where: Where;
  readonly #answer: AnswerTable;
  readonly #query: QueryBox;
  readonly #zones: Zones;
  #map: MapHandle | null = null;
  #drawing: Drawing | null = null;
  #draft: Draft | null = null;
  #points = false;
  #learnt = false;
  #tilesTimer = 0;
  #classesTimer = 0;
  #turn = 0;

  constructor(
    private readonly store: Store,
    private readonly town: Town,
    events: PeopleEvents,
  ) {
    this.asking = new Asking(store, town);
    this.#conditions = new Conditions(store, town);
    this.#found = new Found(store, town, () => this.#points, () => this.asking.shape !== null);
    this.#query = new QueryBox(store);
    this.#zones = new Zones(store, town, (hexagon, resolution) => events.chosen(hexagon, resolution));
    this.#answer = new AnswerTable(store, town, this.asking, events);
    this.#where = new Where(store, town, this.asking, {
      draw: (tool) => this.#draw(tool),
      center: () => {
        const center = this.#map?.map.getCenter();
        return center ? [center.lng, center.lat] : null;
      },
      shown: (area) => this.#frame(area),
      pinned: (lon, lat, label) => {
        this.#map?.pin(lon, lat, label);
        this.#map?.fly(lon, lat, Math.max(14, this.#map.map.getZoom()));
      },
    });
    store.on(["place", "desk", "show", "measure", "areas", "answered"], () => this.#tiles());
    store.on(["found", "resolution", "measure", "show"], () => this.#classes());
    store.on(["areas"], () => void this.#outlines());
    store.on(["found"], () => this.#counted());
    store.on(["found", "card", "place"], () => void this.#here());
    store.on(["fields"], () => this.words());
    store.on(["place"], () => void this.open());
  }

  /** Everything that is written, in the language in use. */
  words(): void {
    const part = (id: string): HTMLElement => h("div", { id });
    if (!document.getElementById("people-shell")) {
      const parts = ["people-failure", "people-found", "people-chips", "people-editor", "people-add", "people-view", "people-where", "people-answer", "people-query"];
      one("place-people").replaceChildren(h("div", { id: "people-shell" }, h("h2", { class: "place-title", id: "people-title" }), ...parts.map(part)), part("people-invitation"));
    }
    one("people-title").textContent = t(this.asking.allowed ? "people.title" : "zones.title");
    this.#conditions.render();
    if (!this.asking.allowed) {
      this.#zones.show();
      return renderInvitation(one("people-invitation"), this.store, this.town);
    }
    this.#where.render();
    this.#found.render();
    this.#answer.render();
    this.#query.mount(one("people-query"));
  }

  /** What can be asked is learnt when it is first needed. */
  async open(): Promise<void> {
    if (this.#learnt || (!["people", "plans"].includes(this.store.now.place) && !asks(this.store.now))) return;
    this.#learnt = true;
    const failure = one("people-failure");
    failure.replaceChildren();
    try {
      if (!this.asking.allowed) return await this.#zones.learn();
      await this.asking.learn();
      if (this.store.now.areas.length > 0) void this.#outlines();
    } catch (cause) {
      this.#learnt = false;
      failure.replaceChildren(problem("error.fields", cause, () => void this.open()));
    }
  }

  mapReady(map: MapHandle, drawing: Drawing): void {
    this.#map = map;
    this.#drawing = drawing;
    this.#zones.mapReady(map);
    this.#tiles();
    void this.#outlines();
    void this.#findPoints();
  }

  /** The address changed under the page: what it says is shown by its controls where they can. */
  reread(): void {
    this.asking.reread();
    void this.open();
  }

  /** Another generation is served. */
  async fresh(): Promise<void> {
    forgetSpreads();
    if (!this.asking.allowed) return this.#zones.load();
    if (this.#learnt) await this.asking.learn().catch(() => undefined);
    this.asking.forget();
  }

  /** Those found, in one line; empty where nothing is asked. */
  sentence(): string {
    return [this.#conditions.sentence(), ...this.store.now.areas.map((area) => areaName(this.store.now.lang, area))].filter(Boolean).join(" · ");
  }

  /** What a picture of the map says of those found; none while it shows all. */
  sheet(): { title: string; note: string; rows: { colour: string; dash: number[]; text: string }[] } | null {
    const { found, lang } = this.store.now;
    if (!found || !this.#map?.found.active) return null;
    const note = t("people.said", { households: plural(lang, "households", found.households ?? 0), people: plural(lang, "people", found.people ?? 0), of: format.count(lang, found.of.households) });
    return { title: this.#conditions.sentence() || t("people.title"), note, rows: this.#found.rows() };
  }

  /** How many of those found live in the selected hexagon. */
  async #here(): Promise<void> {
    const { found, card, place, here } = this.store.now;
    if (!found || !card || place !== "people") {
      if (here) this.store.set({ here: null });
      return;
    }
    const cell = { type: "cells", ids: [card.id] } as const;
    const shape = this.asking.shape;
    const area = shape ? ({ type: "intersection", of: [shape, { ...cell, ids: [...cell.ids] }] } as const) : { ...cell, ids: [...cell.ids] };
    const counted = await fetchCount(filterIn(this.store.now), area as Shape).catch(() => null);
    if (this.store.now.card === card && this.store.now.found === found) this.store.set({ here: counted?.households == null ? null : { id: card.id, households: counted.households } });
  }

  #draw(tool: Tool): void {
    this.#drawing?.start(tool, { drawn: (draft) => this.#drawn(draft), done: (area) => this.#finished(area) });
  }

  #drawn(draft: Draft): void {
    const before = this.#draft?.area;
    this.#draft = draft;
    if (JSON.stringify(before?.shape) !== JSON.stringify(draft.area?.shape)) this.asking.drafted(draft.area);
  }

  #finished(area: Area | null): void {
    this.#draft = null;
    this.asking.drafted(null);
    if (area) this.#where.add(area, false);
    document.querySelector<HTMLElement>(area ? "#where-chips li:last-child .chip-close" : "[data-draw]")?.focus();
  }

  #counted(): void {
    const { found, lang } = this.store.now;
    if (this.#draft) this.#drawing?.bar.count(found ? (found.households === null ? t("view.few") : plural(lang, "households", found.households)) : "", this.#draft, lang);
  }

  /** Between which zooms each household is a point, for whom may see them one by one. */
  async #findPoints(): Promise<void> {
    if (!may(this.town, "read_households")) return;
    const told = await get<{ minzoom?: number; maxzoom?: number }>("tiles/households.json", {}).catch(() => null);
    if (!told || !this.#map) return;
    this.#points = true;
    this.#map.found.pointZooms = { from: told.minzoom ?? 0, to: told.maxzoom ?? 14 };
    if (document.getElementById("people-view")) this.#found.view();
    this.#tiles();
  }

  #tiles(): void {
    clearTimeout(this.#tilesTimer);
    this.#tilesTimer = window.setTimeout(() => this.#show(), TILES_WAIT_MS);
  }

  #show(): void {
    const { store } = this;
    const { place, desk, show, measure, areas, answered } = store.now;
    const shown = place === "people" || (place === "plans" && desk === "new");
    this.#map?.draw.show(shown ? areas : []);
    if (!this.#map) return;
    const wanted = shown && show === "found" && answered !== null;
    const { filter, loss_m } = answered ? tileFilter(answered.filter, answered.areas) : { filter: "", loss_m: 0 };
    this.#found.follows(loss_m);
    const fits = filter !== "" && (measure !== "points" || this.#points);
    this.#map.found.show(wanted && fits ? filter : null, measure);
    this.#paint();
  }

  #paint(): void {
    const { classes } = this.#found;
    if (classes && classes.measure === this.store.now.measure) this.#map?.found.paint(classes.measure, classes.breaks);
  }

  #classes(): void {
    clearTimeout(this.#classesTimer);
    this.#classesTimer = window.setTimeout(() => void this.#classify(), CLASSES_WAIT_MS);
  }

  /** The classes follow the whole town, not the part in sight: colours stay while the map moves. */
  async #classify(): Promise<void> {
    const { found, resolution, measure, show, place } = this.store.now;
    if (!found || resolution === null || measure === "points" || show === "all" || (place !== "people" && place !== "plans")) return;
    this.#turn += 1;
    const turn = this.#turn;
    const grouping = { by: "hex", resolution } as const;
    try {
      const [answer, whole] = await Promise.all([this.asking.groups(grouping, HEXES, PAGES), measure === "share" ? this.asking.wholes(grouping, HEXES, PAGES) : null]);
      if (turn !== this.#turn) return;
      const sizes = new Map((whole?.groups ?? []).map(({ group, households, values }) => [String(group), Number(households ?? values[0] ?? 0)]));
      const n = (group: { households?: number | null; values: unknown[] }): number => Number(group.households ?? group.values[0] ?? 0);
      const groups = (answer.groups ?? []).filter((group) => n(group) > 0);
      const values = groups.map((group) => (measure === "n" ? n(group) : n(group) / Math.max(1, sizes.get(String(group.group)) ?? n(group))));
      const breaks = measure === "n" ? countBreaks(Math.max(1, ...values)) : shareBreaks((found.households ?? 0) / Math.max(1, found.of.households));
      const counts = breaks.slice(1).map((end, i) => values.filter((value) => value >= (breaks[i] ?? 0) && (value < end || i === breaks.length - 2)).length);
      this.#found.classes = { measure, resolution, breaks, counts, more: Boolean(answer.next) };
    } catch {
      const most = Math.max(1, (found.households ?? 0) / 4);
      this.#found.classes = { measure, resolution, breaks: measure === "n" ? countBreaks(Math.ceil(most)) : shareBreaks((found.households ?? 0) / Math.max(1, found.of.households)), counts: [], more: false };
    }
    this.#found.legend();
    this.#paint();
  }

  async #outlines(): Promise<void> {
    const { areas } = this.store.now;
    const whole = await withOutlines(areas);
    if (areas === this.store.now.areas && whole.some((area, i) => area !== areas[i])) this.store.set({ areas: whole });
    else this.#tiles();
  }

  #frame(area: Area): void {
    const shape = outlineOf(area);
    if (!shape) return;
    const places = shape.type === "Polygon" ? shape.coordinates.flat() : shape.coordinates.flat(2);
    const [lons, lats] = [places.map(([lon = 0]) => lon), places.map(([, lat = 0]) => lat)];
    this.#map?.frame([Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)]);
  }
}
