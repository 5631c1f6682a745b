/** Plans on the map: runs with their numbers, stops, depots, closed roads, and how far one comes. */
import type { Feature, FeatureCollection, Geometry } from "geojson";
import type { ExpressionSpecification, GeoJSONSource, Map as MapLibre, MapMouseEvent } from "maplibre-gl";
import type { LonLat } from "../ask/area";
import { INK, runColour, runHollow } from "../palette";
import { isServed, placeOf, type Closure, type Depot, type Plan, type Reach, type Run } from "../plans/api";

const HEXES = ["hexes-unknown", "hexes-fill", "hexes-edge", "hexes-merged"];
const STREETS = ["roads-casing", "streets-casing"];
const SOURCES = ["plan-reach", "plan-closed", "plan-runs", "plan-stops", "plan-marks", "plan-depots"];
const FAINT = 0.2;
const RED = "#b3122f";

const collection = (features: Feature[]): FeatureCollection => ({ type: "FeatureCollection", features });
const feature = (geometry: Geometry, properties: Record<string, unknown> = {}): Feature => ({ type: "Feature", geometry, properties });
const point = (at: LonLat, properties: Record<string, unknown>): Feature => feature({ type: "Point", coordinates: at }, properties);

/** The closed streets are lines of the base map, known by their names. */
const closedStreets = (names: string[]): ExpressionSpecification => ["in", ["downcase", ["to-string", ["get", "name"]]], ["literal", names.map((name) => name.toLowerCase())]];

/** Where a run is farthest from its start: there its number stands, so that colour is never the only sign of it. */
function marked({ line, stops }: Run): LonLat[] {
  const [start, ...way] = line.coordinates as LonLat[];
  const first = start ?? stops[0]?.at;
  if (!first) return [];
  const far = ([lon, lat]: LonLat): number => Math.hypot((lon - first[0]) * Math.cos((first[1] * Math.PI) / 180), lat - first[1]);
  return [[...way, ...stops.map(({ at }) => at)].reduce((best, at) => (far(at) > far(best) ? at : best), first)];
}

export interface RunsEvents {
  chosen(code: string): void;
}

export class RunLayers {
  #ready = false;
  #quiet = false;
  readonly #before = new Map<string, number>();

  constructor(
    private readonly map: MapLibre,
    private readonly events: RunsEvents,
  ) {}

  /** Whether the hexagons give way. */
  quiet(quiet: boolean): void {
    if (quiet === this.#quiet) return;
    this.#quiet = quiet;
    for (const id of STREETS) if (this.map.getLayer(id)) this.#streets(id, quiet);
    for (const id of HEXES) if (this.map.getLayer(id)) this.map.setLayoutProperty(id, "visibility", quiet ? "none" : "visible");
  }

  /** Without hexagons the streets carry the map: their edges are drawn stronger. */
  #streets(id: string, strong: boolean): void {
    if (!this.#before.has(id)) this.#before.set(id, this.map.getPaintProperty(id, "line-opacity") as number);
    this.map.setPaintProperty(id, "line-opacity", strong ? 0.85 : this.#before.get(id));
  }

  #source(name: string, features: Feature[]): void {
    if (!this.#ready && features.length === 0) return;
    this.#begin();
    this.map.getSource<GeoJSONSource>(name)?.setData(collection(features));
  }

  /** The layers come with the first thing to draw. */
  #begin(): void {
    if (this.#ready) return;
    this.#ready = true;
    const { map } = this;
    for (const name of SOURCES) map.addSource(name, { type: "geojson", data: collection([]) });
    this.#ground();
    this.#lines();
    this.#points();
    map.on("click", (event) => this.#pressed(event));
    map.on("mousemove", "plan-stop", () => (map.getCanvas().style.cursor = "pointer"));
  }

  #ground(): void {
    const { map } = this;
    map.addLayer({ id: "plan-reach", type: "fill", source: "plan-reach", paint: { "fill-color": "#0066cc", "fill-opacity": 0.1 } });
    map.addLayer({ id: "plan-reach-line", type: "line", source: "plan-reach", paint: { "line-color": "#004a94", "line-width": 1.6, "line-dasharray": [4, 2] } });
    map.addLayer({ id: "plan-reach-name", type: "symbol", source: "plan-reach", layout: { "symbol-placement": "line", "text-field": ["concat", ["to-string", ["get", "minutes"]], " min"], "text-font": ["Titillium Web Semibold"], "text-size": 13 }, paint: { "text-color": "#004a94", "text-halo-color": "#ffffff", "text-halo-width": 2 } });
    map.addLayer({ id: "plan-closed-fill", type: "fill", source: "plan-closed", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-pattern": "closed" } });
    map.addLayer({ id: "plan-closed-edge", type: "line", source: "plan-closed", paint: { "line-color": "#ffffff", "line-width": 5 } });
    map.addLayer({ id: "plan-closed-line", type: "line", source: "plan-closed", paint: { "line-color": RED, "line-width": 3, "line-dasharray": [1.4, 0.9] } });
    if (map.getSource("roads")) {
      map.addLayer({ id: "plan-closed-street", type: "line", source: "roads", "source-layer": "roads", filter: closedStreets([]), paint: { "line-color": RED, "line-width": 4, "line-dasharray": [1.4, 0.9] } });
    }
  }

  #lines(): void {
    const { map } = this;
    const thin = ["case", ["get", "faint"], FAINT, 1] as ExpressionSpecification;
    map.addLayer({ id: "plan-run-casing", type: "line", source: "plan-runs", layout: { "line-join": "round" }, paint: { "line-color": "#ffffff", "line-width": 7, "line-opacity": thin } });
    map.addLayer({ id: "plan-run", type: "line", source: "plan-runs", layout: { "line-join": "round", "line-sort-key": ["case", ["get", "faint"], 0, 1] }, paint: { "line-color": ["get", "colour"], "line-width": 3.6, "line-opacity": thin } });
    map.addLayer({ id: "plan-run-hollow", type: "line", source: "plan-runs", filter: ["get", "hollow"], layout: { "line-join": "round" }, paint: { "line-color": "#ffffff", "line-width": 1.5, "line-opacity": thin } });
  }

  #points(): void {
    const { map } = this;
    const small = ["interpolate", ["linear"], ["zoom"], 11, 3.2, 13.5, 5.5, 15, 10, 17, 12] as ExpressionSpecification;
    const thin = ["case", ["get", "faint"], FAINT, 1] as ExpressionSpecification;
    const done = ["get", "done"] as ExpressionSpecification;
    map.addLayer({
      id: "plan-stop",
      type: "circle",
      source: "plan-stops",
      filter: ["!", ["get", "left"]],
      layout: { "circle-sort-key": ["case", ["get", "chosen"], 2, ["get", "faint"], 0, 1] },
      paint: {
        "circle-radius": small,
        "circle-color": ["case", done, "#ffffff", ["get", "colour"]],
        "circle-opacity": thin,
        "circle-stroke-opacity": thin,
        "circle-stroke-color": ["case", ["get", "chosen"], INK, ["get", "failed"], RED, done, ["get", "colour"], "#ffffff"],
        "circle-stroke-width": ["case", ["get", "chosen"], 4, ["any", ["get", "failed"], done], 3, 1.4],
      },
    });
    map.addLayer({
      id: "plan-stop-number",
      type: "symbol",
      source: "plan-stops",
      minzoom: 14,
      filter: ["all", ["!", ["get", "left"]], ["!", ["get", "faint"]], ["get", "alone"]],
      layout: { "text-field": ["get", "label"], "text-font": ["Titillium Web Semibold"], "text-size": ["interpolate", ["linear"], ["zoom"], 14, 9, 15, 12], "text-padding": 0 },
      paint: { "text-color": ["case", done, INK, "#ffffff"] },
    });
    map.addLayer({ id: "plan-left", type: "circle", source: "plan-stops", filter: ["get", "left"], paint: { "circle-radius": 6, "circle-color": "#ffffff", "circle-stroke-color": INK, "circle-stroke-width": 2.4 } });
    map.addLayer({ id: "plan-left-sign", type: "symbol", source: "plan-stops", filter: ["get", "left"], layout: { "text-field": "×", "text-font": ["Titillium Web Semibold"], "text-size": 15, "text-allow-overlap": true }, paint: { "text-color": INK } });
    map.addLayer({
      id: "plan-run-name",
      type: "symbol",
      source: "plan-runs",
      filter: ["==", ["get", "alone"], false],
      layout: { "symbol-placement": "line", "symbol-spacing": ["interpolate", ["linear"], ["zoom"], 12, 160, 14.5, 480], "text-field": ["get", "label"], "text-font": ["Titillium Web Semibold"], "text-size": 18, "text-rotation-alignment": "viewport", "text-padding": 4 },
      paint: { "text-color": ["get", "colour"], "text-halo-color": "#ffffff", "text-halo-width": 3.2 },
    });
    map.addLayer({ id: "plan-mark", type: "circle", source: "plan-marks", paint: { "circle-radius": 9.5, "circle-color": ["get", "colour"], "circle-stroke-color": "#ffffff", "circle-stroke-width": 2 } });
    map.addLayer({ id: "plan-mark-name", type: "symbol", source: "plan-marks", layout: { "text-field": ["get", "label"], "text-font": ["Titillium Web Semibold"], "text-size": 13, "text-allow-overlap": true }, paint: { "text-color": "#ffffff" } });
    map.addLayer({ id: "plan-depot", type: "circle", source: "plan-depots", paint: { "circle-radius": ["case", ["get", "small"], 5, 12], "circle-color": INK, "circle-stroke-color": "#ffffff", "circle-stroke-width": ["case", ["get", "small"], 1.5, 3] } });
    map.addLayer({
      id: "plan-depot-name",
      type: "symbol",
      source: "plan-depots",
      layout: { "text-field": ["get", "title"], "text-font": ["Titillium Web Semibold"], "text-size": 14, "text-anchor": "left", "text-offset": [1.2, 0], "text-optional": true },
      paint: { "text-color": INK, "text-halo-color": "#ffffff", "text-halo-width": 2.4 },
    });
    map.addLayer({ id: "plan-depot-letter", type: "symbol", source: "plan-depots", layout: { "text-field": ["get", "letter"], "text-font": ["Titillium Web Semibold"], "text-size": 14, "text-allow-overlap": true }, paint: { "text-color": "#ffffff" } });
  }

  #pressed(event: MapMouseEvent): void {
    if (this.map.getCanvas().classList.contains("drawing")) return;
    const { x, y } = event.point;
    const [hit] = this.map.queryRenderedFeatures([[x - 4, y - 4], [x + 4, y + 4]], { layers: ["plan-stop", "plan-left"] });
    if (hit) this.events.chosen(String(hit.properties.code));
  }

  /** The runs of a plan; where one is chosen, the others step back. */
  plan(plan: Plan | null, run: string | null, code: string | null): void {
    const runs = plan?.result?.runs ?? [];
    const place = (one: (typeof runs)[number]): number => (plan ? placeOf(plan, one) : 0);
    // The numbers of stops are shown for one run: among several they would be read as the runs' own, and those as stops.
    const alone = run !== null || runs.length === 1;
    const lines = runs.map((one) => feature(one.line, { hollow: runHollow(place(one)), colour: runColour(place(one)), label: String(place(one) + 1), faint: run !== null && run !== one.id, alone }));
    const stops = runs.flatMap((one) =>
      one.stops.map((stop) => {
        const failed = stop.outcome !== null && !isServed(stop.outcome);
        return point(stop.at, { code: stop.code, colour: runColour(place(one)), label: failed ? `${stop.n}!` : String(stop.n), faint: run !== null && run !== one.id, alone, chosen: stop.code === code, done: stop.outcome !== null, failed, left: false });
      }),
    );
    const left = (plan?.result?.unserved ?? []).flatMap(({ at, code: own }) => (at ? [point(at, { code: own, left: true, faint: false, chosen: own === code })] : []));
    this.#source("plan-runs", lines);
    this.#source("plan-marks", alone ? [] : runs.flatMap((one) => marked(one).map((at) => point(at, { colour: runColour(place(one)), label: String(place(one) + 1) }))));
    this.#source("plan-stops", [...left, ...stops]);
  }

  /** Depots with their letters; where `fixed` is given the others are small, for they are only candidates. */
  depots(depots: Depot[], fixed: string[] | null = null): void {
    const small = ({ id }: Depot): boolean => fixed !== null && !fixed.includes(id);
    const letter = (depot: Depot, i: number): string => (fixed === null ? String.fromCharCode(65 + (i % 26)) : small(depot) ? "" : "★");
    this.#source("plan-depots", depots.map((depot, i) => point(depot.at, { title: small(depot) ? "" : depot.title, letter: letter(depot, i), small: small(depot) })));
  }

  closures(closures: Closure[]): void {
    const shapes = closures.flatMap((closure) => (closure.kind === "street" ? [] : [feature(closure.geometry)]));
    const streets = closures.flatMap((closure) => (closure.kind === "street" ? [closure.name] : []));
    if (streets.length > 0) this.#begin();
    this.#source("plan-closed", shapes);
    if (this.#ready && this.map.getLayer("plan-closed-street")) this.map.setFilter("plan-closed-street", closedStreets(streets));
  }

  reach(bands: Reach[]): void {
    this.#source("plan-reach", bands);
  }
}
