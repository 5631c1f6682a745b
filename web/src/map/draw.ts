/** Drawing on the map by hand or by key: corners of an area, a circle, a line with a width. */
import type { FeatureCollection, Position } from "geojson";
import type { GeoJSONSource, Map as MapLibre, MapMouseEvent } from "maplibre-gl";
import { circle, corridor, distance, outlineOf, roundedPlace, roundedPolygon, type Area, type LonLat } from "../ask/area";

export type Tool = "polygon" | "circle" | "line" | "point";

export interface Draft {
  tool: Tool;
  corners: number;
  /** What it would be if it were finished here. */
  area: Area | null;
  /** Radius of a circle, width on each side of a line. */
  metres: number;
}

export interface DrawEvents {
  changed(draft: Draft): void;
  finished(area: Area | null): void;
}

const LINE_WIDTH_M = 200;
const BLUE = "#0066cc";
/** A press this near to the first corner closes the area. */
const CLOSE_PX = 12;

const nothing: FeatureCollection = { type: "FeatureCollection", features: [] };

export class Draw {
  #tool: Tool | null = null;
  #corners: LonLat[] = [];
  #pointer: LonLat | null = null;
  #metres = 0;
  #fixed = false;

  constructor(
    private readonly map: MapLibre,
    private readonly events: DrawEvents,
  ) {
    for (const name of ["areas", "draft"]) map.addSource(name, { type: "geojson", data: nothing });
    map.addLayer({ id: "areas-casing", type: "line", source: "areas", paint: { "line-color": "#ffffff", "line-width": 5 } });
    map.addLayer({ id: "areas-line", type: "line", source: "areas", paint: { "line-color": BLUE, "line-width": 2.5, "line-dasharray": [2.5, 1.2] } });
    map.addLayer({ id: "draft-fill", type: "fill", source: "draft", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": BLUE, "fill-opacity": 0.14 } });
    map.addLayer({ id: "draft-casing", type: "line", source: "draft", paint: { "line-color": "#ffffff", "line-width": 5 } });
    map.addLayer({ id: "draft-line", type: "line", source: "draft", paint: { "line-color": BLUE, "line-width": 2.5 } });
    map.addLayer({
      id: "draft-corner",
      type: "circle",
      source: "draft",
      filter: ["==", ["geometry-type"], "Point"],
      paint: { "circle-radius": 6, "circle-color": "#ffffff", "circle-stroke-color": BLUE, "circle-stroke-width": 3 },
    });
    map.on("click", (event) => this.#pressed(event));
    map.on("dblclick", (event) => {
      if (!this.#tool) return;
      event.preventDefault();
      this.finish();
    });
    map.on("mousemove", (event) => this.#moved(event));
    map.getCanvas().addEventListener("keydown", (event) => this.#key(event), true);
  }

  get active(): boolean {
    return this.#tool !== null;
  }

  /** The areas in use. */
  show(areas: Area[]): void {
    const features = areas.flatMap((area) => {
      const geometry = outlineOf(area);
      return geometry ? [{ type: "Feature" as const, properties: {}, geometry }] : [];
    });
    this.map.getSource<GeoJSONSource>("areas")?.setData({ type: "FeatureCollection", features });
  }

  begin(tool: Tool): void {
    this.#tool = tool;
    this.#corners = [];
    this.#pointer = null;
    this.#fixed = false;
    this.#metres = tool === "line" ? LINE_WIDTH_M : 0;
    this.map.getCanvas().classList.add("drawing");
    this.#changed();
  }

  /** A radius or a width given as a number. */
  measure(metres: number): void {
    if (!this.#tool || this.#tool === "polygon" || !(metres > 0)) return;
    this.#metres = metres;
    this.#fixed = true;
    this.#changed();
  }

  undo(): void {
    this.#corners.pop();
    this.#pointer = null;
    if (this.#tool === "circle") this.#fixed = false;
    this.#changed();
  }

  cancel(): void {
    this.#end(null);
  }

  finish(): void {
    const area = this.#area(this.#corners);
    if (area) this.#end(area);
  }

  #end(area: Area | null): void {
    this.#tool = null;
    this.map.getCanvas().classList.remove("drawing");
    this.map.getSource<GeoJSONSource>("draft")?.setData(nothing);
    this.events.finished(area);
  }

  #pressed(event: MapMouseEvent): void {
    if (!this.#tool) return;
    this.#pointer = null;
    this.#place([event.lngLat.lng, event.lngLat.lat], [event.point.x, event.point.y]);
  }

  #place(at: LonLat, [x, y]: [number, number]): void {
    const [first] = this.#corners;
    const last = this.#corners.at(-1);
    if (this.#tool === "point") {
      this.#corners = [at];
      this.finish();
      return;
    }
    if (this.#tool === "circle" && first) {
      if (!this.#fixed) this.#metres = distance(first, at);
      this.finish();
      return;
    }
    const near = (corner: LonLat): boolean => {
      const point = this.map.project(corner);
      return Math.hypot(point.x - x, point.y - y) < CLOSE_PX;
    };
    // The second press of a double one, or the return to the first corner.
    if (last && near(last)) return this.#tool === "line" || this.#corners.length >= 3 ? this.finish() : undefined;
    if (this.#tool === "polygon" && first && this.#corners.length >= 3 && near(first)) return this.finish();
    this.#corners.push(at);
    this.#changed();
  }

  #moved(event: MapMouseEvent): void {
    if (!this.#tool) return;
    this.#pointer = [event.lngLat.lng, event.lngLat.lat];
    if (this.#tool === "circle" && this.#corners[0] && !this.#fixed) this.#metres = distance(this.#corners[0], this.#pointer);
    this.#changed();
  }

  /** Before the map's own keys: a press places a corner at the crosshair. */
  #key(event: KeyboardEvent): void {
    if (!this.#tool || !["Enter", "Escape", "Backspace"].includes(event.key)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (event.key === "Escape") return this.cancel();
    if (event.key === "Backspace") return this.undo();
    const { clientWidth, clientHeight } = this.map.getContainer();
    const { lng, lat } = this.map.getCenter();
    this.#place([lng, lat], [clientWidth / 2, clientHeight / 2]);
  }

  #area(corners: LonLat[]): Area | null {
    const places = corners.map(roundedPlace);
    const [first] = places;
    if (!first) return null;
    if (this.#tool === "point") return { shape: { type: "circle", center: first, radius_m: 1 }, name: null, outline: null };
    if (this.#tool === "circle") return this.#metres < 1 ? null : { shape: { type: "circle", center: first, radius_m: Math.round(this.#metres) }, name: null, outline: null };
    if (this.#tool === "line") return places.length < 2 ? null : { shape: { type: "corridor", line: { type: "LineString", coordinates: places }, width_m: Math.round(this.#metres) }, name: null, outline: null };
    return places.length < 3 ? null : { shape: { type: "polygon", geometry: roundedPolygon({ type: "Polygon", coordinates: [[...places, first]] }) }, name: null, outline: null };
  }

  #changed(): void {
    const tool = this.#tool;
    if (!tool) return;
    const reach = this.#pointer && tool !== "circle" ? [...this.#corners, this.#pointer] : this.#corners;
    const area = this.#area(reach);
    this.#draw(reach, area);
    this.events.changed({ tool, corners: this.#corners.length, area, metres: Math.round(this.#metres) });
  }

  #draw(reach: LonLat[], area: Area | null): void {
    const features: FeatureCollection["features"] = this.#corners.map((corner) => ({ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: corner } }));
    const add = (geometry: FeatureCollection["features"][number]["geometry"]): number => features.unshift({ type: "Feature", properties: {}, geometry });
    const [first] = reach;
    if (this.#tool === "point") return;
    if (area && this.#tool === "circle" && first) add(circle(first, this.#metres));
    else if (area?.shape.type === "polygon") add(area.shape.geometry);
    else if (reach.length >= 2) {
      if (this.#tool === "line") add(corridor(reach, this.#metres));
      add({ type: "LineString", coordinates: reach as Position[] });
    }
    this.map.getSource<GeoJSONSource>("draft")?.setData({ type: "FeatureCollection", features });
  }
}
