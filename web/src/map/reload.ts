/**
 * Another address for the tiles of a source. The library's own `setTiles` loses the new address where tiles of the one
 * before are still on their way, or where a style change of the same frame has paused the source; so this waits for
 * both to be over.
 */
import type { Map as MapLibre, VectorTileSource } from "maplibre-gl";
import type { TileId } from "../ask/cells";

const STEP_MS = 40;
const MOST_WAIT_MS = 10_000;

/** What each source waits for: some tiles, or all of them (`null`). */
const waiting = new Map<string, { timer: number; tiles: TileId[] | null }>();

/** Tiles that come from now on come from another address; those that are here stay. */
export function retarget(map: MapLibre, name: string, address: string): void {
  const source = map.getSource<VectorTileSource>(name);
  if (source) source.tiles = [address];
}

/** Asks for tiles of a source again, at its new address; `stuck` runs instead where those before never came. */
export function reload(map: MapLibre, name: string, address: string, tiles: TileId[] | null, stuck: (() => void) | null = null): void {
  const source = map.getSource<VectorTileSource>(name);
  if (!source) return;
  source.tiles = [address];
  const before = waiting.get(name);
  clearTimeout(before?.timer);
  const wanted = !before ? tiles : before.tiles && tiles ? [...before.tiles, ...tiles] : null;
  const turn = (waited: number): void => {
    if (!map.getSource(name)) return void waiting.delete(name);
    // Never while tiles are on their way: the library would wait for them for ever.
    if (!map.isSourceLoaded(name) && (waited < MOST_WAIT_MS || !stuck)) {
      waiting.set(name, { tiles: wanted, timer: window.setTimeout(() => turn(waited + STEP_MS), STEP_MS) });
      return;
    }
    waiting.delete(name);
    if (waited >= MOST_WAIT_MS && stuck) return stuck();
    map.once("render", () => {
      if (map.getSource(name)) map.refreshTiles(name, ...(wanted ? [wanted] : []));
    });
    map.triggerRepaint();
  };
  turn(0);
}
