/** Where is asked: shapes as the server takes them, how large they are, and how they read in a line of the address. */
import type { Geometry, LineString, MultiPolygon, Polygon, Position } from "geojson";

/** By what one moves on the roads. */
export type Profile = "car" | "van" | "truck" | "foot" | "emergency";

export type LonLat = [number, number];

/** One shape, or several taken together. Degrees, longitude first; metres on the ground. */
export type Shape =
  | { type: "polygon"; geometry: Polygon | MultiPolygon }
  | { type: "circle"; center: LonLat; radius_m: number }
  | { type: "corridor"; line: LineString; width_m: number }
  | { type: "cells"; ids: string[] }
  | { type: "feature"; layer: string; id: number }
  | { type: "isochrone"; from: LonLat; minutes: number; profile: Profile; scenario?: string }
  | { type: "union"; of: Shape[] }
  | { type: "intersection"; of: Shape[] };

/** A shape with the name it is spoken of, and its outline where that is not the shape itself. */
export interface Area {
  shape: Shape;
  name: string | null;
  outline: Polygon | MultiPolygon | null;
}

const EARTH_M = 6_371_008.8;
const rad = (degrees: number): number => (degrees * Math.PI) / 180;
const deg = (radians: number): number => (radians * 180) / Math.PI;

/** Metres between two places, on the sphere: for what is shown, not for what is counted. */
export function distance([lon1, lat1]: LonLat, [lon2, lat2]: LonLat): number {
  const [a, b] = [rad(lat1), rad(lat2)];
  const half = Math.sin((b - a) / 2) ** 2 + Math.cos(a) * Math.cos(b) * Math.sin(rad(lon2 - lon1) / 2) ** 2;
  return 2 * EARTH_M * Math.asin(Math.sqrt(half));
}

/** The place at `metres` from another in a direction (radians from north). */
function towards([lon, lat]: LonLat, metres: number, bearing: number): LonLat {
  const [from, along] = [rad(lat), metres / EARTH_M];
  const to = Math.asin(Math.sin(from) * Math.cos(along) + Math.cos(from) * Math.sin(along) * Math.cos(bearing));
  const turn = Math.atan2(Math.sin(bearing) * Math.sin(along) * Math.cos(from), Math.cos(along) - Math.sin(from) * Math.sin(to));
  return [lon + deg(turn), deg(to)];
}

export function circle(center: LonLat, radius: number): Polygon {
  const ring = Array.from({ length: 73 }, (_, i) => towards(center, radius, (-2 * Math.PI * (i % 72)) / 72));
  return { type: "Polygon", coordinates: [ring] };
}

const side = (from: LonLat, to: LonLat): number =>
  Math.atan2(rad(to[0] - from[0]) * Math.cos(rad(from[1])), rad(to[1] - from[1]));

/** A band along a line as a multipolygon: a slab for each stretch and a disc at each turn. They overlap. */
export function corridor(line: LonLat[], width: number): MultiPolygon {
  const slabs = line.slice(1).map((to, i) => {
    const from = line[i] ?? to;
    const [left, right] = [side(from, to) - Math.PI / 2, side(from, to) + Math.PI / 2];
    const ring = [towards(from, width, right), towards(to, width, right), towards(to, width, left), towards(from, width, left)];
    return [[...ring, ring[0] ?? from]];
  });
  return { type: "MultiPolygon", coordinates: [...slabs, ...line.map((at) => circle(at, width).coordinates)] };
}

/** Square metres inside of a ring, on the sphere. */
function ringArea(ring: Position[]): number {
  let sum = 0;
  for (let i = 0; i + 1 < ring.length; i += 1) {
    const [[lon1 = 0, lat1 = 0] = [], [lon2 = 0, lat2 = 0] = []] = [ring[i], ring[i + 1]];
    sum += rad(lon2 - lon1) * (2 + Math.sin(rad(lat1)) + Math.sin(rad(lat2)));
  }
  return Math.abs((sum * EARTH_M * EARTH_M) / 2);
}

export function squareMetres(shape: Polygon | MultiPolygon): number {
  const polygons = shape.type === "Polygon" ? [shape.coordinates] : shape.coordinates;
  return polygons.reduce((sum, [outer = [], ...holes]) => sum + ringArea(outer) - holes.reduce((less, hole) => less + ringArea(hole), 0), 0);
}

/** What the map draws of a shape; none where only the server knows it. */
export function outlineOf({ shape, outline }: Area): Polygon | MultiPolygon | null {
  if (outline) return outline;
  switch (shape.type) {
    case "polygon":
      return shape.geometry;
    case "circle":
      return circle(shape.center, shape.radius_m);
    case "corridor":
      return corridor(shape.line.coordinates as LonLat[], shape.width_m);
    default:
      return null;
  }
}

/** Square metres of an area, where the page can tell them without counting twice. */
export function sizeOf(area: Area): number | null {
  const { shape } = area;
  if (shape.type === "circle") return Math.PI * shape.radius_m ** 2;
  if (shape.type === "corridor") return null;
  const outline = outlineOf(area);
  return outline ? squareMetres(outline) : null;
}

/** The areas taken together; none where there is none. */
export function together(areas: Area[]): Shape | null {
  const [first, ...rest] = areas.map(({ shape }) => shape);
  if (!first) return null;
  return rest.length === 0 ? first : { type: "union", of: [first, ...rest] };
}

const round = (value: number): number => Math.round(value * 1e5) / 1e5;
const rounded = (position: Position): Position => position.slice(0, 2).map(round);

/** A metre is enough for what a hand draws. */
export function roundedPolygon(shape: Polygon | MultiPolygon): Polygon | MultiPolygon {
  const polygon = (rings: Position[][]): Position[][] => rings.map((ring) => ring.map(rounded));
  return shape.type === "Polygon" ? { ...shape, coordinates: polygon(shape.coordinates) } : { ...shape, coordinates: shape.coordinates.map(polygon) };
}

export const roundedPlace = ([lon, lat]: LonLat): LonLat => [round(lon), round(lat)];

/** The longest form of the areas that still goes into an address. */
const MAX_WRITTEN = 4_000;

/** The areas for the address bar; none where they are too long for it. Names of addresses and files stay in the page. */
export function write(areas: Area[]): string | null {
  const text = JSON.stringify(areas.map(({ shape, name }) => (name && shape.type === "feature" ? { ...shape, name } : shape)));
  return text.length <= MAX_WRITTEN ? text : null;
}

const isPlace = (at: unknown): at is LonLat => Array.isArray(at) && at.length >= 2 && at.every((part) => typeof part === "number" && Number.isFinite(part));

function isShape(given: unknown): given is Shape {
  if (typeof given !== "object" || given === null || !("type" in given)) return false;
  const shape = given as Record<string, unknown>;
  switch (shape.type) {
    case "polygon":
      return ["Polygon", "MultiPolygon"].includes(String((shape.geometry as Geometry | undefined)?.type));
    case "circle":
      return isPlace(shape.center) && typeof shape.radius_m === "number";
    case "corridor":
      return Array.isArray((shape.line as LineString | undefined)?.coordinates) && typeof shape.width_m === "number";
    case "cells":
      return Array.isArray(shape.ids) && shape.ids.every((id) => typeof id === "string" && /^[0-9a-f]{15}$/.test(id));
    case "feature":
      return typeof shape.layer === "string" && typeof shape.id === "number";
    case "isochrone":
      return isPlace(shape.from) && typeof shape.minutes === "number" && typeof shape.profile === "string" && /^[a-z]+$/.test(shape.profile);
    default:
      return false;
  }
}

/** The areas of an address; what is broken is left out. */
export function readAreas(text: string): Area[] {
  try {
    const given: unknown = JSON.parse(text);
    if (!Array.isArray(given)) return [];
    return given.filter(isShape).map((shape) => {
      const { name, ...bare } = shape as Shape & { name?: unknown };
      return { shape: bare as Shape, name: typeof name === "string" ? name.slice(0, 80) : null, outline: null };
    });
  } catch {
    return [];
  }
}
