/** Areas in CQL2, so that tiles hold those found inside of them and no others. */
import type { MultiPolygon, Polygon, Position } from "geojson";
import { outlineOf, type Area } from "./area";
import { simplified } from "./simplify";

const place = ([lon = 0, lat = 0]: Position): string => `${lon} ${lat}`;
const ring = (positions: Position[]): string => `(${positions.map(place).join(", ")})`;
const rings = (polygon: Position[][]): string => `(${polygon.map(ring).join(", ")})`;

function wkt(shape: Polygon | MultiPolygon): string {
  return shape.type === "Polygon" ? `POLYGON${rings(shape.coordinates)}` : `MULTIPOLYGON(${shape.coordinates.map(rings).join(", ")})`;
}

function one(area: Area, metres: number): string | null {
  const { shape } = area;
  if (shape.type === "circle") return `within_metres(geometry, POINT(${place(shape.center)}), ${shape.radius_m})`;
  if (shape.type === "corridor") return `within_metres(geometry, LINESTRING${ring(shape.line.coordinates)}, ${shape.width_m})`;
  const outline = outlineOf(area);
  const drawn = outline && metres > 0 ? simplified(outline, metres) : outline;
  return drawn && `S_INTERSECTS(geometry, ${wkt(drawn)})`;
}

/** A tile's address bears so much of a filter: servers in front of this one often end a line at 8 kB. */
const MAX_BYTES = 6_000;

/** How much of an outline may be lost, in metres, one try after the other. */
const LOSSES_M = [0, 2, 5, 10, 20, 50, 100];

export interface TileFilter {
  filter: string;
  /** How far the map's areas may be from the true ones, in metres; `null` where the map does not follow them at all. */
  loss_m: number | null;
}

/** The filter with the areas in it, drawn with fewer corners where they do not fit. */
export function tileFilter(filter: string, areas: Area[]): TileFilter {
  if (areas.length === 0) return { filter, loss_m: 0 };
  for (const loss of LOSSES_M) {
    const said = areas.map((area) => one(area, loss));
    if (said.some((part) => part === null)) break;
    const where = said.length === 1 ? String(said[0]) : `(${said.join(" OR ")})`;
    const both = filter === "" ? where : `(${filter}) AND ${where}`;
    if (encodeURIComponent(both).length <= MAX_BYTES) return { filter: both, loss_m: loss };
  }
  return { filter, loss_m: null };
}
