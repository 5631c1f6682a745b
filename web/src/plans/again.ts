/** The same plan under other closures: worked out again, or only compared. */
import * as format from "../format";
import { t } from "../i18n";
import { h } from "../ui/dom";
import { choiceBox, labelled } from "../ui/inputs";
import { announce, problem } from "../ui/status";
import { compare, planAgain, type Comparison, type Plan, type Totals } from "./api";
import { far, lasting, signed } from "./clock";
import type { Room } from "./room";

const options = (room: Room): [string, string][] => [["", t("form.scenario.none")], ...room.scenarios().filter(({ expired }) => !expired).map(({ id, name }) => [id, name] as [string, string])];

/** Done and locked stops stay. */
export function again(room: Room, plan: Plan, changed: () => void): HTMLElement[] {
  let scenario = plan.order.scenario ?? "";
  let effort = plan.order.effort_seconds;
  const said = h("div", { role: "alert" });
  const go = async (): Promise<void> => {
    try {
      await planAgain(plan.id, scenario || null, effort);
      announce(t("again.begun"));
      changed();
    } catch (cause) {
      said.replaceChildren(problem("error.plan.change", cause, null));
    }
  };
  const efforts = [...new Set([5, 10, 30, 60, effort])].sort((a, b) => a - b);
  return [
    h("p", { class: "hint" }, t("again.hint")),
    h("div", { class: "form-grid" }, labelled(choiceBox("again-scenario", scenario, options(room), (value) => (scenario = value)), t("form.scenario"), "whole"), labelled(choiceBox("again-effort", String(effort), efforts.map((s) => [String(s), t("form.effort.s", { n: format.count(room.store.now.lang, s) })]), (value) => (effort = Number(value))), t("form.effort"))),
    h("button", { type: "button", class: "btn btn-primary btn-xs", id: "again-go", onclick: () => void go() }, t("again.go")),
    said,
  ];
}

export function comparison(room: Room, plan: Plan): HTMLElement[] {
  const open = options(room).filter(([id]) => id !== (plan.order.scenario ?? ""));
  let scenario = open[0]?.[0] ?? "";
  const into = h("div", { id: "compare-said", "aria-live": "polite" });
  const go = async (): Promise<void> => {
    into.replaceChildren(h("p", { class: "hint" }, t("compare.working")));
    try {
      const found = await compare(plan.id, scenario);
      into.replaceChildren(...side(room, plan, found, open.find(([id]) => id === scenario)?.[1] ?? ""));
      into.scrollIntoView({ block: "nearest" });
    } catch (cause) {
      into.replaceChildren(problem("error.compare", cause, null));
    }
  };
  if (open.filter(([id]) => id !== "").length === 0) return [h("p", { class: "hint" }, t("compare.none")), h("button", { type: "button", class: "textual", onclick: () => room.go("roads") }, t("roads.close"))];
  return [labelled(choiceBox("compare-scenario", scenario, open, (value) => (scenario = value)), t("compare.with")), h("button", { type: "button", class: "btn btn-primary btn-xs", id: "compare-go", onclick: () => void go() }, t("compare.go")), into];
}

function side(room: Room, plan: Plan, { base, other, unreachable }: Comparison, name: string): HTMLElement[] {
  const { lang } = room.store.now;
  const points = (value: number): string => t("compare.points", { n: format.count(lang, Math.round(100 * value)) });
  const rows: [string, keyof Totals, (value: number) => string, ((value: number) => string)?][] = [
    [t("plan.stops"), "stops", (value) => format.count(lang, value)],
    [t("plan.share"), "served_share", (value) => format.percent(lang, value), points],
    [t("plan.distance"), "distance_m", (value) => far(lang, value)],
    [t("plan.duration"), "duration_s", lasting],
    [t("plan.crews"), "crews", (value) => format.count(lang, value)],
  ];
  const here = room.scenarios().find(({ id }) => id === plan.order.scenario)?.name ?? t("form.scenario.none");
  const row = ([title, key, said, apart = said]: (typeof rows)[number]): HTMLElement => {
    const more = other[key] - base[key];
    return h("tr", {}, h("th", { scope: "row" }, title), h("td", {}, said(base[key])), h("td", {}, said(other[key])), h("td", { class: "more" }, more === 0 ? "=" : signed(apart(Math.abs(more)), more)));
  };
  const doors = unreachable.map((code) => plan.result?.runs.flatMap(({ stops }) => stops).find((stop) => stop.code === code)?.door ?? code);
  return [
    h("div", { class: "table-frame", tabindex: 0, role: "region", "aria-label": t("plan.compare") }, h("table", { class: "data compare" }, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, h("span", { class: "visually-hidden" }, t("compare.what"))), h("th", { scope: "col" }, here), h("th", { scope: "col" }, name), h("th", { scope: "col" }, t("compare.more")))), h("tbody", {}, ...rows.map(row)))),
    ...(doors.length > 0 ? [h("p", { class: "found-note" }, t("compare.cut", { n: format.count(lang, doors.length) })), h("ul", { class: "rejects" }, ...doors.slice(0, 30).map((door) => h("li", {}, door)))] : []),
  ];
}
