/** Areas in CQL2, so that tiles hold those found inside of them and no others. */
import type { MultiPolygon, Polygon, Position } from "geojson";
import { outlineOf, type Area } from "./area";

const place = ([lon = 0, lat = 0]: Position): string => `${lon} ${lat}`;
const ring = (positions: Position[]): string => `(${positions.map(place).join(", ")})`;
const rings = (polygon: Position[][]): string => `(${polygon.map(ring).join(", ")})`;

function wkt(shape: Polygon | MultiPolygon): string {
  return shape.type === "Polygon" ? `POLYGON${rings(shape.coordinates)}` : `MULTIPOLYGON(${shape.coordinates.map(rings).join(", ")})`;
}

function one(area: Area): string | null {
  const { shape } = area;
  if (shape.type === "circle") return `within_metres(geometry, POINT(${place(shape.center)}), ${shape.radius_m})`;
  if (shape.type === "corridor") return `within_metres(geometry, LINESTRING${ring(shape.line.coordinates)}, ${shape.width_m})`;
  const outline = outlineOf(area);
  return outline && `S_INTERSECTS(geometry, ${wkt(outline)})`;
}

/** A tile's address bears so much of a filter. */
const MAX_BYTES = 1_700;

/** The filter with the areas in it; `whole` is false where the areas did not fit. */
export function tileFilter(filter: string, areas: Area[]): { filter: string; whole: boolean } {
  const said = areas.map(one);
  if (areas.length === 0 || said.some((part) => part === null)) return { filter, whole: areas.length === 0 };
  const where = said.length === 1 ? String(said[0]) : `(${said.join(" OR ")})`;
  const both = filter === "" ? where : `(${filter}) AND ${where}`;
  return encodeURIComponent(both).length <= MAX_BYTES ? { filter: both, whole: true } : { filter, whole: false };
}
