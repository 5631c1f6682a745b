/** The outlines of H3 cells, and the tiles over which they lie. The H3 library comes when it is first needed. */
import type { MultiPolygon, Polygon } from "geojson";
import type { LonLat } from "./area";

const library = (): Promise<typeof import("h3-js")> => import("h3-js");

export async function outline(ids: string[]): Promise<Polygon | MultiPolygon> {
  const { cellToBoundary } = await library();
  const rings = ids.map((id) => [cellToBoundary(id, true).map(([lon, lat]) => [lon, lat])]);
  const [only] = rings;
  return rings.length === 1 && only ? { type: "Polygon", coordinates: only } : { type: "MultiPolygon", coordinates: rings };
}

export interface TileId {
  x: number;
  y: number;
  z: number;
}

const column = (lon: number, z: number): number => Math.floor(((lon + 180) / 360) * 2 ** z);
const row = (lat: number, z: number): number => Math.floor(((1 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / Math.PI) / 2) * 2 ** z);

/** Every tile of some zooms that a cell, or the borders of its neighbours, may touch. */
export async function tilesOver(cells: string[], zooms: number[]): Promise<TileId[]> {
  const { cellToBoundary } = await library();
  const found = new Map<string, TileId>();
  for (const cell of cells) {
    const ring = cellToBoundary(cell, true) as LonLat[];
    const [lons, lats] = [ring.map(([lon]) => lon), ring.map(([, lat]) => lat)];
    // Children of a cell reach over its edge, by a fifth of it at most.
    const reach = 0.2 * (Math.max(...lons) - Math.min(...lons));
    for (const z of zooms) {
      const [west, east] = [column(Math.min(...lons) - reach, z), column(Math.max(...lons) + reach, z)];
      const [north, south] = [row(Math.max(...lats) + reach, z), row(Math.min(...lats) - reach, z)];
      for (let x = west; x <= east; x += 1) for (let y = north; y <= south; y += 1) found.set(`${z}/${x}/${y}`, { x, y, z });
    }
  }
  return [...found.values()];
}
