/** Counted nouns, in the number of the language. */
import type { Lang } from "../api";
import * as format from "../format";
import { t } from ".";

export const plural = (lang: Lang, noun: "hexes" | "households" | "people" | "runs" | "stops" | "zones", n: number): string =>
  n === 1 ? t(`${noun}.one`) : t(`${noun}.other`, { n: format.count(lang, n) });
