/** The other layers of the town, drawn quietly over the hexagons when they are asked for. */
import type { LayerSpecification, Map as MapLibre } from "maplibre-gl";
import type { Layer } from "../api";
import { INK } from "../palette";

/** What the base map and the hexagons already draw. */
const DRAWN = ["hexes", "boundary", "roads", "streets", "civics"];

export const others = (layers: Layer[]): Layer[] => layers.filter(({ name, count }) => count > 0 && !DRAWN.includes(name));

function drawings({ name, geometry }: Layer): LayerSpecification[] {
  const source = { source: name, "source-layer": name } as const;
  if (geometry === "point") {
    return [{ id: `${name}-shape`, type: "circle", ...source, paint: { "circle-radius": 5, "circle-color": "#ffffff", "circle-stroke-color": INK, "circle-stroke-width": 2 } }];
  }
  return [
    { id: `${name}-casing`, type: "line", ...source, paint: { "line-color": "#ffffff", "line-width": 3.5, "line-opacity": 0.7 } },
    { id: `${name}-shape`, type: "line", ...source, paint: { "line-color": INK, "line-width": 1.2 } },
  ];
}

function label({ name, geometry }: Layer): LayerSpecification {
  return {
    id: `${name}-name`,
    type: "symbol",
    source: name,
    "source-layer": name,
    filter: ["has", "name"],
    layout: {
      "text-field": ["get", "name"],
      "text-font": ["Titillium Web Semibold"],
      "text-size": 14,
      "text-padding": 24,
      ...(geometry === "line" ? { "symbol-placement": "line" } : {}),
    },
    paint: { "text-color": INK, "text-halo-color": "#ffffff", "text-halo-width": 2 },
  };
}

/** Shows a layer, or takes it away again. */
export function toggle(map: MapLibre, layer: Layer, tilejson: string, wanted: boolean): void {
  const parts = [...drawings(layer), label(layer)];
  for (const { id } of parts) if (map.getLayer(id)) map.removeLayer(id);
  if (!wanted) return;
  if (!map.getSource(layer.name)) map.addSource(layer.name, { type: "vector", url: tilejson });
  for (const part of parts) map.addLayer(part, "hexes-casing");
}
