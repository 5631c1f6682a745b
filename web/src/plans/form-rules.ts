/** Who comes first, and what some need beside the kit. */
import type { Field } from "../ask/api";
import { t } from "../i18n";
import type { Store } from "../state";
import { h, icon } from "../ui/dom";
import { choiceBox, labelled, textBox } from "../ui/inputs";
import type { Draft } from "./order";

export function rulesPart(first: HTMLElement, also: HTMLElement, draft: Draft, store: Store): void {
  const { lang, fields } = store.now;
  const all = fields?.fields ?? [];
  const flags = all.filter(({ kind }) => kind === "flag");
  if (flags.length === 0) return;
  const again = (focus: string): void => {
    rulesPart(first, also, draft, store);
    document.querySelector<HTMLElement>(focus)?.focus();
  };
  priority(first, draft, flags, again, lang);
  const numbers = all.filter(({ kind }) => kind === "number" || kind === "whole");
  if (numbers.length > 0) first.append(labelled(choiceBox("form-need", draft.need, numbers.map(({ name, title }) => [name, title[lang]]), (value) => (draft.need = value)), t("form.need")));
  needs(also, draft, flags, again, lang);
}

function priority(into: HTMLElement, draft: Draft, flags: Field[], again: (focus: string) => void, lang: "it" | "en"): void {
  const swap = (i: number, by: number): void => {
    const [moved] = draft.priority.splice(i, 1);
    if (moved) draft.priority.splice(i + by, 0, moved);
    again(`#class-${i + by}`);
  };
  const rows = draft.priority.map(({ title }, i) =>
    h(
      "li",
      { class: "class-row" },
      h("span", { class: "grow", id: `class-${i}`, tabindex: -1 }, `${i + 1}. ${title}`),
      h("button", { type: "button", class: "step", "aria-label": t("form.class.up", { title }), disabled: i === 0, onclick: () => swap(i, -1) }, "▲"),
      h("button", { type: "button", class: "step", "aria-label": t("form.class.down", { title }), disabled: i === draft.priority.length - 1, onclick: () => swap(i, 1) }, "▼"),
      h("button", { type: "button", class: "step", "aria-label": t("form.remove", { title }), onclick: () => {
        draft.priority.splice(i, 1);
        again("#class-add");
      } }, icon("close")),
    ),
  );
  const free = flags.filter(({ name }) => !draft.priority.some(({ filter }) => filter === `${name} = TRUE`));
  const add = choiceBox("class-add", "", [["", t("form.class.add")], ...free.map(({ name, title }) => [name, title[lang]] as [string, string])], (value) => {
    const field = flags.find(({ name }) => name === value);
    if (field) draft.priority.push({ title: field.title[lang], filter: `${field.name} = TRUE` });
    again("#class-add");
  });
  into.replaceChildren(h("h4", { class: "plain-label" }, t("form.priority")), h("ol", { class: "class-rows" }, ...rows, h("li", { class: "class-row last" }, `${rows.length + 1}. ${t("form.class.rest")}`)), labelled(add, t("form.class.label")));
}

function needs(into: HTMLElement, draft: Draft, flags: Field[], again: (focus: string) => void, lang: "it" | "en"): void {
  const row = (need: Draft["needs"][number], i: number): HTMLElement => {
    const title = flags.find(({ name }) => name === need.field)?.title[lang] ?? need.field;
    const skill = textBox(`need-skill-${i}`, need.skill, (value) => (need.skill = value), { maxlength: 40, placeholder: t("form.skills.hint"), "aria-label": t("form.need.skill", { title }) });
    return h("li", { class: "class-row" }, h("span", { class: "grow" }, title), skill, h("button", { type: "button", class: "step", "aria-label": t("form.remove", { title }), onclick: () => {
      draft.needs.splice(i, 1);
      again("#need-add");
    } }, icon("close")));
  };
  const add = choiceBox("need-add", "", [["", t("form.needs.add")], ...flags.map(({ name, title }) => [name, title[lang]] as [string, string])], (value) => {
    if (value) draft.needs.push({ field: value, skill: "" });
    again(`#need-skill-${draft.needs.length - 1}`);
  });
  into.replaceChildren(h("h4", { class: "plain-label" }, t("form.needs")), h("ul", { class: "class-rows" }, ...draft.needs.map(row)), labelled(add, t("form.needs.label")));
}
