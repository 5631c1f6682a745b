/** The plans there are, and the way to another. */
import * as format from "../format";
import { t } from "../i18n";
import { plural } from "../i18n/plural";
import { h, icon } from "../ui/dom";
import { problem } from "../ui/status";
import { fetchPlans, type PlanRow } from "./api";
import { moment } from "./clock";
import type { Room } from "./room";

export const badge = (state: PlanRow["state"]): HTMLElement => h("span", { class: "badge", "data-state": state }, t(`plan.state.${state}`));

function row(room: Room, plan: PlanRow): HTMLElement {
  const { lang } = room.store.now;
  const said = [plan.day ? format.date(plan.day) : "", plan.runs > 0 ? `${plural(lang, "runs", plan.runs)}, ${plural(lang, "stops", plan.stops)}` : "", plan.unserved > 0 ? t("plan.row.left", { n: format.count(lang, plan.unserved) }) : ""].filter(Boolean).join(" · ");
  return h(
    "li",
    { "data-plan": plan.id },
    h("button", { type: "button", class: "plan-row", onclick: () => room.go(plan.id) }, h("span", { class: "plan-name" }, plan.name), badge(plan.state), h("span", { class: "plan-said" }, said), h("span", { class: "plan-said" }, [t("plan.row.made", { time: moment(lang, plan.at) }), plan.by].filter(Boolean).join(" · "))),
  );
}

export async function renderList(room: Room, into: HTMLElement): Promise<void> {
  const list = h("div", { id: "plan-list", "aria-busy": "true" }, h("p", { class: "hint" }, t("loading.plans")));
  const roads = room.roads();
  into.replaceChildren(
    h("div", { class: "list-head" }, h("h2", { class: "place-title" }, t("plans.title")), h("button", { type: "button", class: "btn btn-primary btn-sm", id: "plan-new", onclick: () => room.go("new") }, icon("plus"), t("plans.new"))),
    ...(roads?.imported === false ? [h("p", { class: "found-note" }, t("plans.noroads"))] : []),
    list,
  );
  try {
    const plans = (await fetchPlans()).sort((a, b) => b.at.localeCompare(a.at));
    list.replaceChildren(plans.length === 0 ? h("div", { class: "invitation" }, h("p", {}, t("plans.empty"))) : h("ul", { class: "plan-rows" }, ...plans.map((plan) => row(room, plan))));
  } catch (cause) {
    list.replaceChildren(problem("error.plans", cause, () => void renderList(room, into)));
  } finally {
    list.removeAttribute("aria-busy");
  }
}
