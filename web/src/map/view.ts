/** The map itself: base, camera, hexagons, and what a hand or a key does to it. */
import { Map as MapLibre, Marker, setWorkerUrl, type LayerSpecification, type MapMouseEvent, type RequestTransformFunction, type StyleSpecification } from "maplibre-gl";
import "maplibre-gl/dist/maplibre-gl.css";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import type { Layer, Legend, Town } from "../api";
import type { Condition } from "../ask/condition";
import type { News } from "../events";
import { t } from "../i18n";
import { bearer } from "../session";
import type { Range, View } from "../state";
import { Draw, type DrawEvents } from "./draw";
import { FoundLayers } from "./found";
import { addHexes, emphasise, FILL, marker, narrow, paint } from "./hexes";
import { addHatch } from "./patterns";
import { toggle } from "./reference";
import { refresh } from "./refresh";

setWorkerUrl(new URL(workerUrl, document.baseURI).href);

export interface Hexagon {
  id: string;
  properties: Record<string, unknown>;
  /** What was found in it, where the map shows that. */
  found: Record<string, unknown> | null;
}

export interface MapEvents extends DrawEvents {
  moved(view: View): void;
  zoomed(zoom: number): void;
  chosen(hexagon: Hexagon | null, byKey: boolean): void;
  hovered(hexagon: Hexagon | null, x: number, y: number): void;
  loading(done: number, asked: number): void;
  failed(message: string): void;
}

export interface MapHandle {
  readonly map: MapLibre;
  readonly found: FoundLayers;
  readonly draw: Draw;
  /** Follows the server to another generation. */
  refresh(news: News): Promise<number | null>;
  /** Brings a box in sight. */
  frame(box: [number, number, number, number]): void;
  show(legend: Legend, highlight: Range | null): void;
  highlight(property: string, range: Range | null): void;
  /** Draws only the hexagons whose published figures answer these. */
  only(conditions: Condition[]): void;
  select(id: string | null): void;
  fly(lon: number, lat: number, zoom?: number): void;
  layer(layer: Layer, wanted: boolean): void;
  pin(lon: number, lat: number, label: string): void;
  unpin(): void;
  home(): void;
  /** The room changed by so many pixels on the right: what is seen stays where it is. */
  resized(lost: number): void;
}

const calm = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** A path of this server under the address the page came from: the public URL in a style may be another name of it. */
const local = (url: string): string => {
  const path = /\/(tiles\/.*)$/.exec(url)?.[1];
  return path ? new URL(path, document.baseURI).href.replaceAll("%7B", "{").replaceAll("%7D", "}") : url;
};

const transformRequest: RequestTransformFunction = (url) => {
  const token = bearer();
  return { url: local(url), ...(token ? { headers: { Authorization: `Bearer ${token}` } } : {}) };
};

/** Leaves out what this town has no layer for, and the names of streets as points where roads bear them along their line. */
function fitToTown(style: StyleSpecification, town: Town): StyleSpecification {
  const has = new Set(town.layers.map((layer) => layer.name));
  const sources = Object.fromEntries(Object.entries(style.sources).filter(([name]) => has.has(name)));
  const fits = (layer: LayerSpecification): boolean =>
    (!("source" in layer) || has.has(String(layer.source))) && !(has.has("roads") && layer.id === "streets-name-point");
  return { ...style, sources, layers: style.layers.filter(fits) };
}

function viewOf(map: MapLibre): View {
  const { lng, lat } = map.getCenter();
  return { lon: lng, lat, zoom: map.getZoom() };
}

function follow(map: MapLibre, events: MapEvents): void {
  let asked = 0;
  let done = 0;
  const report = (): void => events.loading(Math.min(done, asked), asked);
  map.on("dataloading", (event) => {
    if (event.dataType === "source" && "tile" in event) {
      asked += 1;
      report();
    }
  });
  map.on("data", (event) => {
    if (event.dataType === "source" && "tile" in event && event.tile) {
      done += 1;
      report();
    }
  });
  map.on("idle", () => {
    asked = 0;
    done = 0;
    report();
  });
  map.on("zoom", () => events.zoomed(map.getZoom()));
  map.on("moveend", () => events.moved(viewOf(map)));
  map.on("error", (event) => {
    const { status } = event.error as { status?: number };
    events.failed(status ? `HTTP ${status}` : event.error.message);
  });
}

const shows = (map: MapLibre, layer: string): boolean => map.getLayer(layer) !== undefined && map.getLayoutProperty(layer, "visibility") !== "none";

function hexagonAt(map: MapLibre, point: [number, number]): Hexagon | null {
  const [feature] = map.queryRenderedFeatures(point, { layers: [FILL, "hexes-unknown"] });
  if (!feature) return null;
  const found = shows(map, "found-fill") ? (map.queryRenderedFeatures(point, { layers: ["found-fill"] })[0]?.properties ?? { n: 0 }) : null;
  return { id: String(feature.properties.id), properties: feature.properties, found };
}

/** What the pointer is told of: where households are points, of them alone. */
function pointedAt(map: MapLibre, point: [number, number]): Hexagon | null {
  if (!shows(map, "found-point")) return hexagonAt(map, point);
  const [feature] = map.queryRenderedFeatures(point, { layers: ["found-point", "found-many"] });
  return feature ? { id: `point ${feature.properties.id}`, properties: {}, found: feature.properties } : null;
}

/** Before `Draw`, so that the press that ends a drawing chooses nothing. */
function listen(map: MapLibre, events: MapEvents, hover: (id: string | null) => void, drawing: () => boolean): void {
  const at = (event: MapMouseEvent): Hexagon | null => (drawing() ? null : hexagonAt(map, [event.point.x, event.point.y]));
  map.on("click", (event) => {
    if (!drawing()) events.chosen(at(event), false);
  });
  map.on("mousemove", (event) => {
    const hexagon = drawing() ? null : pointedAt(map, [event.point.x, event.point.y]);
    hover(hexagon?.id ?? null);
    map.getCanvas().style.cursor = hexagon?.properties.id ? "pointer" : "";
    events.hovered(hexagon, event.point.x, event.point.y);
  });
  map.getCanvas().addEventListener("mouseleave", () => {
    hover(null);
    events.hovered(null, 0, 0);
  });
  map.getCanvas().addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || drawing()) return;
    const { clientWidth, clientHeight } = map.getContainer();
    events.chosen(hexagonAt(map, [clientWidth / 2, clientHeight / 2]), true);
  });
}

/** Draws the map and answers when its first hexagons can be coloured. */
export async function openMap(container: HTMLElement, style: StyleSpecification, town: Town, view: View | null, events: MapEvents): Promise<MapHandle> {
  const [west, south, east, north] = town.bounds;
  const whole = [[west, south], [east, north]] as [[number, number], [number, number]];
  const map = new MapLibre({
    container,
    style: fitToTown(style, town),
    ...(view ? { center: [view.lon, view.lat], zoom: view.zoom } : { bounds: whole, fitBoundsOptions: { padding: 24 } }),
    minZoom: 7,
    maxZoom: 19,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    fadeDuration: calm() ? 0 : 150,
    transformRequest,
    locale: { "Map.Title": t("map.title") },
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  follow(map, events);
  events.zoomed(map.getZoom());
  events.moved(viewOf(map));
  await map.once("styledata");
  addHatch(map);
  addHexes(map, new URL("tiles/hexes.json", document.baseURI).href);
  const hover = marker(map, "hover");
  let draw: Draw | null = null;
  listen(map, events, hover, () => draw?.active === true);
  const drawer = new Draw(map, events);
  draw = drawer;
  const found = new FoundLayers(map, town.generation);
  let pin: Marker | null = null;
  const unpin = (): void => {
    pin?.remove();
    pin = null;
  };
  return {
    map,
    found,
    draw: drawer,
    refresh: (news) => refresh(map, found, news),
    frame: ([west, south, east, north]) => void map.fitBounds([[west, south], [east, north]], { padding: 60, maxZoom: 16, duration: calm() ? 0 : 700 }),
    show: (legend, range) => {
      paint(map, legend, range);
      found.veil();
    },
    highlight: (property, range) => found.active || emphasise(map, property, range),
    only: (conditions) => narrow(map, conditions),
    select: marker(map, "selected"),
    fly: (lon, lat, zoom) => void map.easeTo({ center: [lon, lat], ...(zoom === undefined ? {} : { zoom }), duration: calm() ? 0 : 700 }),
    layer: (layer, wanted) => toggle(map, layer, new URL(`tiles/${layer.name}.json`, document.baseURI).href, wanted),
    pin: (lon, lat, label) => {
      unpin();
      pin = new Marker({ color: "#0066cc" }).setLngLat([lon, lat]).addTo(map);
      pin.getElement().setAttribute("aria-label", label);
    },
    unpin,
    home: () => void map.fitBounds(whole, { padding: 24, duration: calm() ? 0 : 700 }),
    resized: (lost) => {
      map.resize();
      if (lost !== 0) map.panBy([-lost / 2, 0], { duration: 0 });
    },
  };
}
