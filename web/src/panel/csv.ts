/** The table as a file: RFC 4180, plain numbers, one column a property. */
import type { HexRow, Town } from "../api";
import { download } from "../ui/download";

const cell = (value: string | number | null | undefined): string => {
  const text = value === null || value === undefined ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

export const text = (lines: (string | number | null | undefined)[][]): string => lines.map((line) => `${line.map(cell).join(",")}\r\n`).join("");

export function csv(rows: HexRow[], keys: string[]): string {
  const header = ["id", "merged", "households", "people", "lon", "lat", ...keys];
  const lines = rows.map((row) => [row.id, row.merged, row.households, row.people, ...row.center, ...keys.map((key) => row.values[key])]);
  return text([header, ...lines]);
}

export function downloadCsv(rows: HexRow[], town: Town): void {
  const table = csv(rows, town.properties.map(({ key }) => key));
  download(new Blob([table], { type: "text/csv;charset=utf-8" }), `atlante-${town.comune}-${town.as_of}.csv`);
}
