/** Who comes first, and what some need beside the kit. */
import type { Field } from "../ask/api";
import { t } from "../i18n";
import type { Store } from "../state";
import { h, icon } from "../ui/dom";
import { choiceBox, labelled, textBox } from "../ui/inputs";
import { filterOf, type Draft, type Rule } from "./order";

/** Where a number begins that nobody gave yet. */
const least = ({ kind, unit, max }: Field): number | null => {
  if (kind === "flag") return null;
  if (unit === "years") return 80;
  return typeof max === "number" && max <= 1 ? 0.5 : 1;
};

export function rulesPart(first: HTMLElement, also: HTMLElement, draft: Draft, store: Store, changed: () => void): void {
  const { lang, fields } = store.now;
  const all = fields?.fields ?? [];
  const numbers = all.filter(({ kind }) => kind === "number" || kind === "whole");
  const asked = [...all.filter(({ kind }) => kind === "flag"), ...numbers];
  if (asked.length === 0) return;
  const again = (focus: string): void => {
    rulesPart(first, also, draft, store, changed);
    changed();
    document.querySelector<HTMLElement>(focus)?.focus();
  };
  priority(first, draft, asked, again, lang);
  if (numbers.length > 0) first.append(labelled(choiceBox("form-need", draft.need, numbers.map(({ name, title }) => [name, title[lang]]), (value) => (draft.need = value)), t("form.need")));
  needs(also, draft, asked, again, changed, lang);
}

const options = (fields: Field[], lang: "it" | "en"): [string, string][] => fields.map((field) => [field.name, field.kind === "flag" ? field.title[lang] : t("form.rule.least", { title: field.title[lang] })]);

/** From how much on, where the rule is one of a number. */
function from(rule: Rule, id: string): HTMLElement | null {
  if (rule.least === null) return null;
  const box = h("input", { type: "number", class: "form-control number", id, step: "any", value: rule.least, "aria-label": t("form.rule.least", { title: rule.title }) });
  box.addEventListener("input", () => {
    if (box.value !== "" && Number.isFinite(Number(box.value))) rule.least = Number(box.value);
  });
  return h("label", { class: "inline", for: id }, "≥ ", box);
}

function priority(into: HTMLElement, draft: Draft, fields: Field[], again: (focus: string) => void, lang: "it" | "en"): void {
  const swap = (i: number, by: number): void => {
    const [moved] = draft.priority.splice(i, 1);
    if (moved) draft.priority.splice(i + by, 0, moved);
    again(`#class-${i + by}`);
  };
  const rows = draft.priority.map((rule, i) => {
    const { title } = rule;
    return h(
      "li",
      { class: "class-row" },
      h("span", { class: "grow", id: `class-${i}`, tabindex: -1 }, `${i + 1}. ${title}`),
      from(rule, `class-least-${i}`),
      h("button", { type: "button", class: "step", "aria-label": t("form.class.up", { title }), disabled: i === 0, onclick: () => swap(i, -1) }, "▲"),
      h("button", { type: "button", class: "step", "aria-label": t("form.class.down", { title }), disabled: i === draft.priority.length - 1, onclick: () => swap(i, 1) }, "▼"),
      h("button", { type: "button", class: "step", "aria-label": t("form.remove", { title }), onclick: () => {
        draft.priority.splice(i, 1);
        again("#class-add");
      } }, icon("close")),
    );
  });
  const taken = draft.priority.map(filterOf);
  const free = fields.filter(({ name, kind }) => kind !== "flag" || !taken.includes(`${name} = TRUE`));
  const add = choiceBox("class-add", "", [["", t("form.class.add")], ...options(free, lang)], (value) => {
    const field = fields.find(({ name }) => name === value);
    if (field) draft.priority.push({ field: field.name, title: field.title[lang], least: least(field) });
    again(field && field.kind !== "flag" ? `#class-least-${draft.priority.length - 1}` : "#class-add");
  });
  into.replaceChildren(h("h4", { class: "plain-label" }, t("form.priority")), h("ol", { class: "class-rows" }, ...rows, h("li", { class: "class-row last" }, `${rows.length + 1}. ${t("form.class.rest")}`)), labelled(add, t("form.class.label")));
}

function needs(into: HTMLElement, draft: Draft, fields: Field[], again: (focus: string) => void, changed: () => void, lang: "it" | "en"): void {
  const row = (need: Draft["needs"][number], i: number): HTMLElement => {
    const title = fields.find(({ name }) => name === need.field)?.title[lang] ?? need.field;
    const skill = textBox(`need-skill-${i}`, need.skill, (value) => {
      need.skill = value;
      changed();
    }, { maxlength: 40, placeholder: t("form.skills.hint"), "aria-label": t("form.need.skill", { title }) });
    return h("li", { class: "class-row" }, h("span", { class: "grow" }, title), from(need, `need-least-${i}`), skill, h("button", { type: "button", class: "step", "aria-label": t("form.remove", { title }), onclick: () => {
      draft.needs.splice(i, 1);
      again("#need-add");
    } }, icon("close")));
  };
  const add = choiceBox("need-add", "", [["", t("form.needs.add")], ...options(fields, lang)], (value) => {
    const field = fields.find(({ name }) => name === value);
    if (field) draft.needs.push({ field: field.name, title: field.title[lang], least: least(field), skill: "" });
    again(`#need-skill-${draft.needs.length - 1}`);
  });
  into.replaceChildren(h("h4", { class: "plain-label" }, t("form.needs")), h("ul", { class: "class-rows" }, ...draft.needs.map(row)), labelled(add, t("form.needs.label")));
}
