/** Shapes out of a file: GeoJSON and KML, in degrees. */
import type { Geometry, MultiPolygon, Polygon, Position } from "geojson";

/** Why a file holds no shape that can be asked. */
export class FileFault extends Error {
  constructor(readonly reason: "large" | "unreadable" | "empty" | "place") {
    super(reason);
  }
}

export const MAX_FILE_BYTES = 2_000_000;
const MAX_CORNERS = 20_000;

type Nested = { type?: string; geometry?: unknown; features?: unknown[]; geometries?: unknown[]; coordinates?: unknown };

/** Every polygon of a GeoJSON object, whatever holds it. */
function polygons(given: unknown, depth = 0): Position[][][] {
  if (typeof given !== "object" || given === null || depth > 8) return [];
  const object = given as Nested;
  switch (object.type) {
    case "FeatureCollection":
      return (object.features ?? []).flatMap((feature) => polygons(feature, depth + 1));
    case "Feature":
      return polygons(object.geometry, depth + 1);
    case "GeometryCollection":
      return (object.geometries ?? []).flatMap((geometry) => polygons(geometry, depth + 1));
    case "Polygon":
      return [(given as Extract<Geometry, { type: "Polygon" }>).coordinates];
    case "MultiPolygon":
      return (given as MultiPolygon).coordinates;
    default:
      return [];
  }
}

function kmlRing(holder: Element | null): Position[] {
  const text = holder?.getElementsByTagName("coordinates")[0]?.textContent ?? "";
  return text.trim().split(/\s+/).map((place) => place.split(",").slice(0, 2).map(Number));
}

function kmlPolygons(text: string): Position[][][] {
  const page = new DOMParser().parseFromString(text, "application/xml");
  if (page.getElementsByTagName("parsererror").length > 0) throw new FileFault("unreadable");
  return [...page.getElementsByTagName("Polygon")].map((polygon) => {
    const outer = polygon.getElementsByTagName("outerBoundaryIs")[0] ?? null;
    const holes = [...polygon.getElementsByTagName("innerBoundaryIs")];
    return [kmlRing(outer), ...holes.map((hole) => kmlRing(hole))];
  });
}

const inDegrees = (position: unknown): boolean =>
  Array.isArray(position) && position.length >= 2 && Math.abs(Number(position[0])) <= 180 && Math.abs(Number(position[1])) <= 90;

/** The shape that a file holds. */
export function shapeOf(text: string): Polygon | MultiPolygon {
  let found: Position[][][];
  if (text.trimStart().startsWith("<")) found = kmlPolygons(text);
  else {
    try {
      found = polygons(JSON.parse(text));
    } catch {
      throw new FileFault("unreadable");
    }
  }
  const corners = found.flat(2);
  if (corners.length === 0) throw new FileFault("empty");
  if (corners.length > MAX_CORNERS) throw new FileFault("large");
  if (!corners.every(inDegrees)) throw new FileFault("place");
  const [only] = found;
  return found.length === 1 && only ? { type: "Polygon", coordinates: only } : { type: "MultiPolygon", coordinates: found };
}
