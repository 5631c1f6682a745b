/** With what: the kits, how many, where they lie. */
import * as format from "../format";
import type { Lang } from "../api";
import { t } from "../i18n";
import { h, icon } from "../ui/dom";
import { choiceBox, labelled, segments, textBox } from "../ui/inputs";
import { placesOf, type Draft, type StockRow } from "./order";

const member = (kit: StockRow, key: "from" | "to"): HTMLElement => {
  const box = h("input", { type: "number", class: "form-control number", min: 1, max: 99, value: kit[key] ?? "", "aria-label": t(`form.kit.${key}`), placeholder: t(`range.${key}`) });
  box.addEventListener("input", () => (kit[key] = box.value === "" ? null : Math.max(1, Math.round(Number(box.value)))));
  return box;
};

function more(kit: StockRow, i: number, changed: () => void): HTMLElement {
  const expires = h("input", { type: "date", class: "form-control", id: `kit-expires-${i}`, value: kit.expires ?? "" });
  expires.addEventListener("change", () => (kit.expires = expires.value || null));
  const needs = textBox(`kit-needs-${i}`, kit.needs, (value) => {
    kit.needs = value;
    changed();
  }, { placeholder: t("form.kit.needs.hint"), maxlength: 80 });
  const open = kit.from !== null || kit.to !== null || kit.needs !== "" || kit.expires !== null || kit.lot !== "";
  return h(
    "details",
    { class: "fold small whole", open },
    h("summary", {}, t("form.kit.more")),
    h("div", { class: "form-row" }, h("span", { class: "plain-label" }, t("form.kit.members")), member(kit, "from"), member(kit, "to")),
    h("div", { class: "form-grid" }, labelled(needs, t("form.kit.needs"), "whole"), labelled(expires, t("form.kit.expires")), labelled(textBox(`kit-lot-${i}`, kit.lot, (value) => (kit.lot = value), { maxlength: 60 }), t("form.kit.lot"))),
  );
}

/** A depot is asked for where there are two or more to tell apart. */
function whereBox(draft: Draft, kit: StockRow, i: number): HTMLElement | null {
  const places = placesOf(draft);
  if (places.length < 2) return null;
  const known = places.some(({ id }) => id === kit.depot) ? (kit.depot ?? "") : "";
  return labelled(choiceBox(`kit-depot-${i}`, known, [["", t("form.kit.anywhere")], ...places.map(({ id, title }) => [id, title] as [string, string])], (value) => (kit.depot = value || null)), t("form.kit.where"), "whole");
}

export function kitsPart(into: HTMLElement, draft: Draft, households: number, lang: Lang, changed: () => void, focus: string | null = null): void {
  const again = (then: string): void => kitsPart(into, draft, households, lang, changed, then);
  const row = (kit: StockRow, i: number): HTMLElement => {
    const units = h("input", { type: "number", class: "form-control number", id: `kit-units-${i}`, min: 0, max: 1_000_000, value: kit.units ?? "", placeholder: format.count(lang, households), "data-units": i });
    units.addEventListener("input", () => (kit.units = units.value === "" ? null : Math.max(0, Math.round(Number(units.value)))));
    const gone = (): void => {
      draft.stock.splice(i, 1);
      again("#kit-add");
      changed();
    };
    return h(
      "div",
      { class: "kit", role: "group", "aria-label": kit.title },
      labelled(textBox(`kit-title-${i}`, kit.title, (value) => (kit.title = value), { maxlength: 60 }), t("form.kit.title"), "grow"),
      labelled(units, t("form.kit.units"), "short"),
      draft.stock.length > 1 ? h("button", { type: "button", class: "round", "aria-label": t("form.remove", { title: kit.title }), onclick: gone }, icon("close")) : null,
      whereBox(draft, kit, i),
      more(kit, i, changed),
    );
  };
  const add = (): void => {
    draft.stock.push({ title: t("form.kit.another", { n: draft.stock.length + 1 }), units: null, depot: null, from: null, to: null, expires: null, lot: "", needs: "" });
    again(`#kit-title-${draft.stock.length - 1}`);
  };
  into.replaceChildren(
    ...draft.stock.map(row),
    h("div", { class: "form-row" }, h("button", { type: "button", class: "textual", id: "kit-add", onclick: add }, t("form.kit.add")), h("span", { class: "push" }), segments("kit-per", t("form.kit.per"), draft.per, [["household", t("form.per.household")], ["member", t("form.per.member")]], (value) => (draft.per = value as Draft["per"]))),
  );
  if (focus) document.querySelector<HTMLElement>(focus)?.focus();
}
