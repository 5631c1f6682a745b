/** Why the server said no, in the language of the page; what it said itself is kept as a detail. */
import { ApiError } from "../api";
import { known, t, type Key } from "../i18n";
import { h } from "./dom";

/** What a fault is told by: its status, and which part of the question is at fault. */
interface Told {
  status: number;
  code: string;
  parameter?: string | null;
  message: string;
}

/** The sentence for a fault: by its code, by the part of the question, by its status. */
export function reason(told: Told): string | null {
  const part = (told.parameter ?? "").split(/[.[]/)[0] ?? "";
  const keys = [`reason.${told.code}`, `reason.${told.status}.${part}`, `reason.${told.status}`];
  const key = keys.find(known);
  return key === undefined ? null : t(key as Key);
}

/** The sentence, and the server's own words where they say more: they are English, for who helps. */
export function reasons(cause: unknown): HTMLElement[] {
  if (!(cause instanceof ApiError)) return [];
  return told(cause);
}

export function told(fault: Told): HTMLElement[] {
  const said = reason(fault);
  if (said === null) return fault.message ? [h("span", { lang: "en" }, ` ${fault.message}`)] : [];
  return [h("span", {}, ` ${said}`), ...(fault.message ? [h("span", { class: "problem-detail" }, t("error.detail"), " ", h("span", { lang: "en" }, fault.message))] : [])];
}
