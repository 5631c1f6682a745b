/** The hexagons on the map: colour by the legend's classes, outline for what is chosen, never the other way round. */
import type { ExpressionSpecification, FilterSpecification, Map as MapLibre } from "maplibre-gl";
import type { Legend } from "../api";
import type { Condition } from "../ask/condition";
import { INK, ramp } from "../palette";
import type { Range } from "../state";

export const FILL = "hexes-fill";
const SOURCE = "hexes";
const state = (name: string): ExpressionSpecification => ["boolean", ["feature-state", name], false];

/** Adds source and layers under the streets, so that names stay readable. */
export function addHexes(map: MapLibre, tilejson: string): void {
  const under = map.getStyle().layers.find((layer) => layer.type === "line" || layer.type === "symbol" || layer.type === "circle")?.id;
  const source = { source: SOURCE, "source-layer": SOURCE } as const;
  map.addSource(SOURCE, { type: "vector", url: tilejson, promoteId: { [SOURCE]: "id" } });
  map.addLayer({ id: "hexes-unknown", type: "fill", ...source, paint: { "fill-pattern": "hatch", "fill-opacity": 0.7 } }, under);
  map.addLayer({ id: FILL, type: "fill", ...source, paint: { "fill-opacity": 0, "fill-antialias": false } }, under);
  map.addLayer(
    {
      id: "hexes-edge",
      type: "line",
      ...source,
      paint: { "line-color": "#ffffff", "line-opacity": 0.75, "line-width": ["interpolate", ["linear"], ["zoom"], 9, 0.4, 14, 1.4] },
    },
    under,
  );
  map.addLayer(
    {
      id: "hexes-merged",
      type: "line",
      ...source,
      filter: [">", ["get", "merged"], 1],
      paint: { "line-color": INK, "line-opacity": 0.6, "line-width": 1.2, "line-dasharray": [3, 2] },
    },
    under,
  );
  map.addLayer({
    id: "hexes-casing",
    type: "line",
    ...source,
    layout: { "line-join": "round" },
    paint: { "line-color": "#ffffff", "line-width": ["case", state("selected"), 7, state("hover"), 4, 0] },
  });
  map.addLayer({
    id: "hexes-outline",
    type: "line",
    ...source,
    layout: { "line-join": "round" },
    paint: { "line-color": INK, "line-width": ["case", state("selected"), 3.5, state("hover"), 2, 0] },
  });
}

/** The classes of the legend, as MapLibre says them. */
export function colours(legend: Legend): ExpressionSpecification | string {
  const classes = ramp(legend.breaks.length - 1);
  const inner = legend.breaks.slice(1, -1);
  const [first = "#cccccc", ...others] = classes;
  if (inner.length === 0) return first;
  return ["step", ["get", legend.property], first, ...inner.flatMap((edge, i) => [edge, others[i] ?? first])] as unknown as ExpressionSpecification;
}

/** What a hexagon must answer to be drawn; the tiles bear all its figures. */
let narrowed: ExpressionSpecification | null = null;
let painted = "";

const KEYS: Record<string, string> = { households: "n", people: "p" };

function wanted(condition: Condition): ExpressionSpecification[] {
  if (condition.kind !== "range") return [];
  const key = KEYS[condition.field] ?? condition.field;
  const value: ExpressionSpecification = ["to-number", ["get", key], -1e9];
  return [
    ["has", key],
    ...(condition.from === null ? [] : [[">=", value, condition.from] as ExpressionSpecification]),
    ...(condition.to === null ? [] : [["<=", value, condition.to] as ExpressionSpecification]),
  ];
}

/** Draws the hexagons that answer every condition, and no others. */
export function narrow(map: MapLibre, conditions: Condition[]): void {
  const all = conditions.flatMap(wanted);
  narrowed = all.length === 0 ? null : ["all", ...all];
  filter(map);
}

function filter(map: MapLibre): void {
  const known: ExpressionSpecification = ["has", painted];
  const also = (own: ExpressionSpecification | null): FilterSpecification | null => (own && narrowed ? ["all", own, narrowed] : (own ?? narrowed)) as FilterSpecification | null;
  map.setFilter("hexes-unknown", also(["!", known]));
  map.setFilter(FILL, also(known));
  map.setFilter("hexes-edge", also(null));
  map.setFilter("hexes-merged", also([">", ["get", "merged"], 1]));
}

export function paint(map: MapLibre, legend: Legend, highlight: Range | null): void {
  painted = legend.property;
  filter(map);
  map.setPaintProperty(FILL, "fill-color", colours(legend));
  emphasise(map, legend.property, highlight);
}

/** Fades what is outside of `highlight`. */
export function emphasise(map: MapLibre, property: string, highlight: Range | null): void {
  const within: ExpressionSpecification | null = highlight && [
    "all",
    [">=", ["get", property], highlight.from],
    ["<", ["get", property], highlight.to],
  ];
  map.setPaintProperty(FILL, "fill-opacity", within ? ["case", within, 0.95, 0.12] : 0.84);
}

/** Marks one hexagon, and unmarks the one before. */
export function marker(map: MapLibre, name: "hover" | "selected"): (id: string | null) => void {
  let marked: string | null = null;
  return (id) => {
    if (id === marked) return;
    if (marked !== null) map.setFeatureState({ source: SOURCE, sourceLayer: SOURCE, id: marked }, { [name]: false });
    if (id !== null) map.setFeatureState({ source: SOURCE, sourceLayer: SOURCE, id }, { [name]: true });
    marked = id;
  };
}
