/** New tiles after a refresh of the data: those of the cells that changed, and no others. */
import type { Map as MapLibre } from "maplibre-gl";
import { tilesOver } from "../ask/cells";
import type { News } from "../events";
import type { FoundLayers } from "./found";
import { reload, retarget } from "./reload";

/** Beyond so many tiles, all of them are asked for again. */
const MOST_TILES = 400;

/** The last zooms for which tiles are made: of hexagons and of households. */
const LAST = [14, 16];

interface Kept {
  tileManagers?: Record<string, { _outOfViewCache?: { reset?: () => void } } | undefined>;
}

/** Lets go of the tiles kept for a way back: the library has no public word for it. */
function forget(map: MapLibre, source: string): boolean {
  const cache = (map.style as unknown as Kept).tileManagers?.[source]?._outOfViewCache;
  cache?.reset?.();
  return cache?.reset !== undefined;
}

/** Reference layers that changed are asked for again whole: they change seldom. */
function refreshLayers(map: MapLibre, { generation, changed }: News): void {
  for (const [name, { type }] of Object.entries(map.getStyle().sources)) {
    if (type !== "vector" || ["hexes", "found", "found-points"].includes(name)) continue;
    if (changed?.layers && !changed.layers.includes(name)) continue;
    reload(map, name, new URL(`tiles/${name}/`, document.baseURI).href + `{z}/{x}/{y}.mvt?g=${generation}`, null);
  }
}

/** Points the sources at the new generation and asks for what changed; gives how many tiles that were, `null` for all. */
export async function refresh(map: MapLibre, found: FoundLayers, news: News): Promise<number | null> {
  found.follow(news.generation);
  const wide = Math.floor(map.getZoom()) < (news.changed?.from_zoom ?? 0);
  const changed = news.changed?.cells ?? null;
  const cells = changed && (changed.length === 0 || !wide) ? changed : null;
  const zooms = [...new Set([-1, 0, 1].flatMap((by) => LAST.map((last) => Math.min(last, Math.max(0, Math.floor(map.getZoom()) + by)))))];
  const tiles = cells && cells.length <= MOST_TILES ? await tilesOver(cells, zooms) : null;
  for (const name of found.sources) {
    const few = tiles && tiles.length <= MOST_TILES && forget(map, name) ? tiles : null;
    if (few?.length === 0) retarget(map, name, found.addressOf(name));
    else reload(map, name, found.addressOf(name), few);
  }
  refreshLayers(map, news);
  return tiles && tiles.length <= MOST_TILES ? tiles.length : null;
}
