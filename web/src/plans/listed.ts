/** A list of households, pasted or out of a file of one column: every row is taken or told. */
import type { Listed } from "./api";

export const MAX_LIST_BYTES = 1_000_000;
export const MAX_LIST = 20_000;

/** What a row says that is no number of a household, or one that is there already. */
export type RowFault = "number" | "unknown" | "twice";

export interface Row {
  /** Counted from 1, as a spreadsheet counts. */
  row: number;
  text: string;
  id: number | null;
}

const cell = (line: string): string => (line.split(/[;,\t]/)[0] ?? "").trim().replace(/^"(.*)"$/, "$1").trim();

/** The first column of each line that has one; a first line without any figure is the heading. */
export function rowsOf(text: string): Row[] {
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n?|\n/).map((line, i) => ({ row: i + 1, text: cell(line) }));
  const rows = lines.filter(({ text: said }) => said !== "");
  const headed = rows[0]?.row === 1 && rows.length > 1 && !/\d/.test(rows[0].text);
  return rows.slice(headed ? 1 : 0).map((row) => ({ ...row, id: /^\d{1,15}$/.test(row.text) ? Number(row.text) : null }));
}

export const idsOf = (rows: Row[]): number[] => [...new Set(rows.flatMap(({ id }) => (id === null ? [] : [id])))];

/** The rows that are not taken, each with its reason. */
export function faultsOf(rows: Row[], listed: Listed | null): (Row & { fault: RowFault })[] {
  const unknown = new Set(listed?.unknown ?? []);
  const seen = new Set<number>();
  const faultOf = ({ id }: Row): RowFault | null => {
    if (id === null) return "number";
    if (unknown.has(id)) return "unknown";
    if (seen.has(id)) return "twice";
    seen.add(id);
    return null;
  };
  return rows.flatMap((row) => {
    const fault = faultOf(row);
    return fault ? [{ ...row, fault }] : [];
  });
}
