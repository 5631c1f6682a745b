/** Numbers and dates as the reader writes them. */
import type { Lang, Property } from "./api";

const LOCALE: Record<Lang, string> = { it: "it-IT", en: "en-GB" };
const cache = new Map<string, Intl.NumberFormat>();

function formatter(lang: Lang, decimals: number, style: "decimal" | "percent" | "currency"): Intl.NumberFormat {
  const key = `${lang}${decimals}${style}`;
  let made = cache.get(key);
  if (!made) {
    made = new Intl.NumberFormat(LOCALE[lang], {
      style,
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
      // it-IT would write 7162 beside 12.345.
      useGrouping: "always",
      ...(style === "currency" ? { currency: "EUR" } : {}),
    } as Intl.NumberFormatOptions);
    cache.set(key, made);
  }
  return made;
}

export const count = (lang: Lang, value: number): string => formatter(lang, 0, "decimal").format(value);

export const decimal = (lang: Lang, value: number, decimals: number): string => formatter(lang, decimals, "decimal").format(value);

export const percent = (lang: Lang, value: number): string => formatter(lang, 0, "percent").format(value);

export const ratio = (lang: Lang, value: number): string => formatter(lang, 1, "decimal").format(value);

/** A value of a property with its unit, or a dash that says it is not known. */
export function value(lang: Lang, property: Property, given: number | null | undefined): string {
  if (given === null || given === undefined) return "–";
  const decimals = Math.min(6, Math.max(0, property.decimals));
  switch (property.unit) {
    case "share":
      return formatter(lang, decimals, "percent").format(given);
    case "euro":
      return formatter(lang, decimals, "currency").format(given);
    case "years":
      return `${formatter(lang, decimals, "decimal").format(given)} ${lang === "it" ? "anni" : "years"}`;
    default:
      return formatter(lang, decimals, "decimal").format(given);
  }
}

/** Mean edge of an H3 cell in metres, from resolution 5 on, rounded as it is said to people. */
const EDGES_M = [9000, 3700, 1400, 530, 200, 76, 29, 11];

export function edge(lang: Lang, resolution: number): string {
  const metres = EDGES_M[resolution - 5] ?? 0;
  return metres >= 1000 ? `${formatter(lang, metres % 1000 ? 1 : 0, "decimal").format(metres / 1000)} km` : `${metres} m`;
}

/** `2026-06-30` as 30/06/2026, without a time zone in between. */
export function date(iso: string): string {
  const [year, month, day] = iso.slice(0, 10).split("-");
  return `${day}/${month}/${year}`;
}
