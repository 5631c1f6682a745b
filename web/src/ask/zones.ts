/** Questions about the published figures: the page has every zone's row, so it answers by itself, at the map's own resolution. */
import { fetchHexes, type HexRow } from "../api";
import type { Field } from "./api";
import type { Condition } from "./condition";
import { spreadOf, type Spread } from "./spread";

const PAGE = 200;
const MOST_PAGES = 50;

/** Every zone of a resolution. */
export async function fetchZones(resolution: number, signal: AbortSignal): Promise<HexRow[]> {
  const rows: HexRow[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const part = await fetchHexes({ resolution, sort: "households", order: "desc", limit: PAGE, cursor }, signal);
    rows.push(...part.rows);
    cursor = part.next;
    if (cursor === null) break;
  }
  return rows;
}

/** A figure of a zone; none where it is not known. */
export const figure = (row: HexRow, field: string): number | null =>
  field === "households" ? row.households : field === "people" ? row.people : (row.values[field] ?? null);

/** Whether a zone answers a condition; what is not known answers none. */
export function answers(row: HexRow, condition: Condition): boolean {
  if (condition.kind !== "range") return true;
  const value = figure(row, condition.field);
  if (condition.from === null && condition.to === null) return true;
  return value !== null && value >= (condition.from ?? -Infinity) && value <= (condition.to ?? Infinity);
}

/** How a figure is spread over the zones: the ground under its slider. */
export function spreadOfZones(rows: HexRow[], field: Field): Spread {
  const values = rows.map((row) => figure(row, field.name)).filter((value) => value !== null).sort((a, b) => a - b);
  const cuts = Array.from({ length: 101 }, (_, i) => values[Math.round((i / 100) * (values.length - 1))] ?? 0);
  return spreadOf(field, cuts);
}
