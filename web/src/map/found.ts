/** Those found, on the map: hexagons by how many or how large a share, or each household as a point. */
import type { ExpressionSpecification, Map as MapLibre, VectorTileSource } from "maplibre-gl";
import { strongRamp } from "../palette";
import type { Measure } from "../state";
import { emphasise, FILL } from "./hexes";
import { reload } from "./reload";

const FOUND = "found";
const POINTS = "found-points";
const HEX_LAYERS = ["found-few", "found-fill", "found-edge"];
const POINT_LAYERS = ["found-point", "found-many", "found-number"];
const EMPTY = "none";

/** Where the tiles of a layer are, for a generation and a filter. */
function template(layer: string, generation: string, filter: string): string {
  const base = new URL(".", document.baseURI).href;
  const said = filter === EMPTY || filter === "" ? "" : `&filter=${encodeURIComponent(filter)}`;
  return `${base}tiles/${layer}/{z}/{x}/{y}.mvt?g=${generation}${said}`;
}

const number = (key: string): ExpressionSpecification => ["to-number", ["get", key], 0];
const households: ExpressionSpecification = ["max", 1, number("n")];

export class FoundLayers {
  #filter = EMPTY;
  #colour: ExpressionSpecification | string = "#cccccc";
  /** Sources with a tile that failed: the library never asks for it again once another request waits behind it. */
  readonly #broken = new Set<string>();
  #shown: Measure | null = null;

  constructor(
    private readonly map: MapLibre,
    private generation: string,
  ) {
    map.on("error", (event) => {
      if ("sourceId" in event && (event.sourceId === FOUND || event.sourceId === POINTS)) this.#broken.add(String(event.sourceId));
    });
  }

  /** Where points are drawn: as the server says. */
  pointZooms = { from: 0, to: 14 };

  /** Shows those who answer a filter; `null` shows all again. */
  show(filter: string | null, measure: Measure): void {
    const shown = filter === null ? null : measure;
    if (filter !== null && (filter !== this.#filter || !this.map.getSource(measure === "points" ? POINTS : FOUND))) this.#follow(filter, measure);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#visible(HEX_LAYERS, shown !== null && shown !== "points");
    this.#visible(POINT_LAYERS, shown === "points");
    this.map.setPaintProperty("hexes-unknown", "fill-opacity", shown ? 0 : 0.7);
    this.map.setLayoutProperty("hexes-merged", "visibility", shown ? "none" : "visible");
    if (shown === null) emphasise(this.map, "n", null);
    this.veil();
  }

  /** While those found are shown, the figures of all are still there to be pointed at, unseen. */
  veil(): void {
    if (this.active) this.map.setPaintProperty(FILL, "fill-opacity", 0);
  }

  get active(): boolean {
    return this.#shown !== null;
  }

  paint(measure: Measure, breaks: number[]): void {
    if (measure === "points" || !this.map.getLayer("found-fill") || breaks.length < 2) return;
    const [first = "#cccccc", ...others] = strongRamp(breaks.length - 1);
    const inner = breaks.slice(1, -1);
    const value = number(measure);
    const colour = inner.length === 0 ? first : ["step", value, first, ...inner.flatMap((edge, i) => [edge, others[i] ?? first])];
    this.#colour = colour as ExpressionSpecification;
    this.map.setPaintProperty("found-fill", "fill-color", this.#colour);
  }

  /** The tiles of another generation. */
  follow(generation: string): void {
    this.generation = generation;
  }

  /** The address of the tiles of a source that stands. */
  addressOf(source: string): string {
    return template(source === POINTS ? "households" : "hexes", this.generation, source === "hexes" ? "" : this.#filter);
  }

  get sources(): string[] {
    return ["hexes", FOUND, POINTS].filter((name) => this.map.getSource(name));
  }

  #visible(layers: string[], visible: boolean): void {
    for (const id of layers) if (this.map.getLayer(id)) this.map.setLayoutProperty(id, "visibility", visible ? "visible" : "none");
  }

  #follow(filter: string, measure: Measure): void {
    const changed = filter !== this.#filter;
    this.#filter = filter;
    const wanted = measure === "points" ? POINTS : FOUND;
    for (const name of [FOUND, POINTS]) {
      if (changed && this.#broken.has(name)) this.#remove(name);
      const source = this.map.getSource<VectorTileSource>(name);
      if (source && changed) reload(this.map, name, this.addressOf(name), null, () => this.#renew(name));
      else if (!source && name === wanted) this.#add(name);
    }
  }

  /** A source whose tiles never came begins anew. */
  #renew(name: string): void {
    const shown = this.#shown;
    this.#remove(name);
    this.#add(name);
    this.#shown = shown;
    this.#visible(HEX_LAYERS, shown !== null && shown !== "points");
    this.#visible(POINT_LAYERS, shown === "points");
  }

  #remove(name: string): void {
    for (const id of name === FOUND ? HEX_LAYERS : POINT_LAYERS) if (this.map.getLayer(id)) this.map.removeLayer(id);
    if (this.map.getSource(name)) this.map.removeSource(name);
    this.#broken.delete(name);
  }

  #add(name: string): void {
    const zooms = name === POINTS ? this.pointZooms : { from: 0, to: 14 };
    const source = { type: "vector" as const, tiles: [this.addressOf(name)], minzoom: zooms.from, maxzoom: zooms.to };
    this.map.addSource(name, name === FOUND ? { ...source, promoteId: { hexes: "id" } } : source);
    if (name === FOUND) this.#addHexes();
    else this.#addPoints();
    this.#shown = null;
  }

  #addHexes(): void {
    const source = { source: FOUND, "source-layer": "hexes" } as const;
    const some = [">", number("n"), 0] as ExpressionSpecification;
    // Where there is no number, the protection of the few keeps it.
    this.map.addLayer({ id: "found-few", type: "fill", ...source, filter: ["!", ["has", "n"]], paint: { "fill-pattern": "hatch", "fill-opacity": 0.7 } }, "hexes-edge");
    this.map.addLayer({ id: "found-fill", type: "fill", ...source, paint: { "fill-color": this.#colour, "fill-opacity": ["case", some, 0.86, 0], "fill-antialias": false } }, "hexes-edge");
    this.map.addLayer({ id: "found-edge", type: "line", ...source, filter: some, paint: { "line-color": "#17324d", "line-opacity": 0.35, "line-width": 0.8 } }, "hexes-edge");
  }

  #addPoints(): void {
    const source = { source: POINTS, "source-layer": "households" } as const;
    this.map.addLayer({
      id: "found-point",
      type: "circle",
      ...source,
      filter: ["==", households, 1],
      paint: { "circle-radius": ["interpolate", ["linear"], ["zoom"], 12, 3.5, 17, 7], "circle-color": "#963434", "circle-stroke-color": "#ffffff", "circle-stroke-width": 1.2 },
    });
    this.map.addLayer({
      id: "found-many",
      type: "circle",
      ...source,
      filter: [">", households, 1],
      paint: {
        "circle-radius": ["interpolate", ["linear"], ["ln", households], 0.69, 10, 4.6, 18, 9, 30],
        "circle-color": "#963434",
        "circle-opacity": 0.92,
        "circle-stroke-color": "#ffffff",
        "circle-stroke-width": 1.5,
      },
    });
    this.map.addLayer({
      id: "found-number",
      type: "symbol",
      ...source,
      filter: [">", households, 1],
      layout: { "text-field": ["to-string", households], "text-font": ["Titillium Web Semibold"], "text-size": 13, "text-allow-overlap": true },
      paint: { "text-color": "#ffffff" },
    });
  }
}
