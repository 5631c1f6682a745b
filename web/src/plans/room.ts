/** What the parts of the place "Piani" share. */
import type { Town } from "../api";
import type { Drawing } from "../map/drawing";
import type { RunLayers } from "../map/runs";
import type { MapHandle } from "../map/view";
import type { People } from "../people";
import type { Store } from "../state";
import type { Roads, Scenario } from "./api";

export interface Room {
  readonly store: Store;
  readonly town: Town;
  readonly people: People;
  map(): MapHandle | null;
  layers(): RunLayers | null;
  drawing(): Drawing | null;
  roads(): Roads | null;
  scenarios(): Scenario[];
  /** Asks for the scenarios again. */
  reread(): Promise<void>;
  /** Opens the list, the form, the closed roads, or a plan. */
  go(desk: string): void;
}

/** Box around places: west, south, east, north. */
export function around(places: [number, number][]): [number, number, number, number] | null {
  if (places.length === 0) return null;
  const [lons, lats] = [places.map(([lon]) => lon), places.map(([, lat]) => lat)];
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
}
