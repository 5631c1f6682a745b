/** Times of a day as plans write them. */
import type { Lang } from "../api";
import * as format from "../format";
import type { Clock } from "./api";

/** Minutes since midnight. */
export function minutes(clock: Clock): number {
  const [hours = 0, rest = 0] = clock.split(":").map(Number);
  return hours * 60 + rest;
}

/** As one reads it: `08:05`, past midnight as the next day. */
export const clock = (given: Clock): string => {
  const at = Math.round(minutes(given));
  const text = `${String(Math.floor(at / 60) % 24).padStart(2, "0")}:${String(at % 60).padStart(2, "0")}`;
  return at >= 1440 ? `${text} (+1)` : text;
};

/** `2 h 05 min`. */
export function lasting(seconds: number): string {
  const all = Math.round(Math.abs(seconds) / 60);
  const [hours, rest] = [Math.floor(all / 60), all % 60];
  return hours === 0 ? `${rest} min` : `${hours} h ${String(rest).padStart(2, "0")} min`;
}

export const far = (lang: Lang, metres: number): string => `${format.decimal(lang, Math.abs(metres) / 1_000, 1)} km`;

/** With its sign: what something costs or saves; what is written as nothing has none. */
export const signed = (text: string, value: number): string => (/[1-9]/.test(text) ? `${value < 0 ? "−" : "+"}${text}` : text);

const pad = (part: number): string => String(part).padStart(2, "0");

/** The day after `from`, by the calendar of who reads. */
export function dayAfter(from: Date): string {
  const day = new Date(from.getFullYear(), from.getMonth(), from.getDate() + 1);
  return `${day.getFullYear()}-${pad(day.getMonth() + 1)}-${pad(day.getDate())}`;
}

/** An instant as `24/11/2026, 14:05`. */
export const moment = (lang: Lang, iso: string): string =>
  new Intl.DateTimeFormat(lang === "it" ? "it-IT" : "en-GB", { day: "2-digit", month: "2-digit", year: "numeric", hour: "2-digit", minute: "2-digit" }).format(new Date(iso));
