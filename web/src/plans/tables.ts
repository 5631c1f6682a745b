/** What was worked out, as tables: who is left out and why, what each class was given, what is left of the stock, the points. */
import type { Lang } from "../api";
import * as format from "../format";
import { known, t } from "../i18n";
import { h } from "../ui/dom";
import type { Plan, Result } from "./api";

const frame = (label: string, table: HTMLElement): HTMLElement => h("div", { class: "table-frame", tabindex: 0, role: "region", "aria-label": label }, table);
const heads = (...names: string[]): HTMLElement => h("thead", {}, h("tr", {}, ...names.map((name) => h("th", { scope: "col" }, name))));
const classOf = (plan: Plan, i: number): string => plan.order.priority[i]?.title ?? t("form.class.rest");

/** Those whom no run reaches, by reason: the reason once, then its doors. */
export function leftOut(plan: Plan, lang: Lang, chosen: (code: string) => void): HTMLElement[] {
  const left = plan.result?.unserved ?? [];
  if (left.length === 0) return [h("p", { class: "empty" }, t("left.none"))];
  const reasons = new Map<string, typeof left>();
  for (const one of left) reasons.set(one.reason.code, [...(reasons.get(one.reason.code) ?? []), one]);
  const group = ([, ones]: [string, typeof left]): HTMLElement[] => {
    const [first] = ones;
    return [
      h("tr", { class: "group" }, h("th", { scope: "rowgroup", colspan: 2 }, `${first?.reason[lang] ?? ""} (${ones.length})`)),
      ...ones.map((one) =>
        h(
          "tr",
          { "data-stop": one.code },
          h("th", { scope: "row" }, h("button", { type: "button", class: "textual", "data-focus": `stop-${one.code}`, onclick: () => chosen(one.code) }, one.door || one.code), one.relaxation ? h("span", { class: "relaxation" }, one.relaxation[lang]) : null),
          h("td", {}, classOf(plan, one.class)),
        ),
      ),
    ];
  };
  return [frame(t("left.title"), h("table", { class: "data left" }, heads(t("stop.head.door"), t("left.class")), h("tbody", {}, ...[...reasons].flatMap(group))))];
}

const reasonSaid = (code: string): string => (known(`unserved.${code}`) ? t(`unserved.${code}` as "unserved.no_stock") : code.replaceAll("_", " "));

/** Allocation by class, the first class first. */
export function given(plan: Plan, result: Result, lang: Lang): HTMLElement[] {
  if (result.allocation.length === 0) return [h("p", { class: "empty" }, t("given.none"))];
  const row = ({ asked, served, reasons }: Result["allocation"][number], i: number): HTMLElement =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, `${i + 1}. ${classOf(plan, i)}`, h("span", { class: "found-bar", "aria-hidden": "true" }, h("span", { style: `width:${asked > 0 ? ((100 * served) / asked).toFixed(0) : 0}%` })), Object.keys(reasons).length > 0 ? h("span", { class: "of" }, Object.entries(reasons).map(([code, n]) => `${reasonSaid(code)}: ${format.count(lang, n)}`).join(" · ")) : null),
      h("td", {}, format.count(lang, served)),
      h("td", {}, format.count(lang, asked)),
    );
  return [frame(t("tab.given"), h("table", { class: "data given" }, heads(t("left.class"), t("given.served"), t("given.asked")), h("tbody", {}, ...result.allocation.map(row))))];
}

export function stock(plan: Plan, lang: Lang): HTMLElement[] {
  const rows = plan.result?.stock ?? [];
  if (rows.length === 0) return [h("p", { class: "empty" }, t("stock.none"))];
  const title = (kit: string): string => plan.order.stock.find((one) => one.kit === kit)?.title ?? kit;
  const depot = (id: string | null): string => [...plan.order.depots, ...(plan.result?.sites ?? [])].find((one) => one.id === id)?.title ?? id ?? "";
  const row = (one: (typeof rows)[number]): HTMLElement => h("tr", {}, h("th", { scope: "row" }, title(one.kit), depot(one.depot) ? h("span", { class: "of" }, depot(one.depot)) : null), h("td", {}, format.count(lang, one.units)), h("td", {}, format.count(lang, one.units - one.left)), h("td", {}, format.count(lang, one.left)));
  return [frame(t("tab.stock"), h("table", { class: "data" }, heads(t("form.kit.title"), t("stock.units"), t("stock.given"), t("stock.left")), h("tbody", {}, ...rows.map(row))))];
}

/** The points that were chosen, and how near to the best the choice is. */
export function sites(result: Result, lang: Lang): HTMLElement[] {
  if (result.sites.length === 0) return [];
  return [
    h(
      "div",
      { class: "sites" },
      h("h3", { class: "over-title" }, t("sites.title", { n: result.sites.length })),
      h("ul", {}, ...result.sites.map(({ title, load }, i) => h("li", {}, h("span", { class: "depot-letter", "aria-hidden": "true" }, String.fromCharCode(65 + (i % 26))), `${title} · ${t("sites.load", { n: format.count(lang, Math.round(load)) })}`))),
      result.crowded ? h("p", { class: "hint", role: "note" }, result.crowded[lang]) : "",
      h("p", { class: "hint" }, result.proved ? t("sites.proved") : result.lower_bound === null ? "" : t("sites.bound")),
    ),
  ];
}
