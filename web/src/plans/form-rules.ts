/** Who comes first, and what some need beside the kit: by a field, or by a rule that is written in CQL2. */
import { ApiError } from "../api";
import { fetchCount, type Field } from "../ask/api";
import { t } from "../i18n";
import { plural } from "../i18n/plural";
import type { Store } from "../state";
import { h, icon } from "../ui/dom";
import { choiceBox, labelled, textBox } from "../ui/inputs";
import { told } from "../ui/reason";
import { isAbort, problem } from "../ui/status";
import { filterOf, type Draft, type Rule } from "./order";

const WAIT_MS = 400;
/** The choice of a rule that is written; no field bears such a name. */
const WRITTEN = "…";

type Written = Extract<Rule, { written: string }>;

/** Where a number begins that nobody gave yet. */
const least = ({ kind, unit, max }: Field): number | null => {
  if (kind === "flag") return null;
  if (unit === "years") return 80;
  return typeof max === "number" && max <= 1 ? 0.5 : 1;
};

/** The two lists of rules in a plan's form, written anew where one came or went. */
export class Rules {
  readonly #checks = new Map<Rule, RuleCheck>();

  constructor(
    private readonly draft: Draft,
    private readonly store: Store,
    private readonly changed: () => void,
  ) {}

  render(first: HTMLElement, also: HTMLElement): void {
    const fields = this.#fields();
    if (fields.length === 0) return;
    const numbers = fields.filter(({ kind }) => kind !== "flag");
    const again = (focus: string): void => {
      this.render(first, also);
      this.changed();
      document.querySelector<HTMLElement>(focus)?.focus();
    };
    this.#priority(first, fields, again);
    if (numbers.length > 0) first.append(labelled(choiceBox("form-need", this.draft.need, numbers.map(({ name, title }) => [name, title[this.store.now.lang]]), (value) => (this.draft.need = value)), t("form.need")));
    this.#needs(also, fields, again);
  }

  #fields(): Field[] {
    const all = this.store.now.fields?.fields ?? [];
    return [...all.filter(({ kind }) => kind === "flag"), ...all.filter(({ kind }) => kind === "number" || kind === "whole")];
  }

  #options(fields: Field[]): [string, string][] {
    const { lang } = this.store.now;
    return [...fields.map((field): [string, string] => [field.name, field.kind === "flag" ? field.title[lang] : t("form.rule.least", { title: field.title[lang] })]), [WRITTEN, t("form.rule.write")]];
  }

  /** The rule of a choice, as it begins. */
  #begun(value: string, fields: Field[], n: number): Rule | null {
    if (value === WRITTEN) return { title: t("form.rule.n", { n }), written: "" };
    const field = fields.find(({ name }) => name === value);
    return field ? { field: field.name, title: field.title[this.store.now.lang], least: least(field) } : null;
  }

  /** Where a rule that has begun goes on. */
  #first(rule: Rule | null, list: "class" | "need", i: number, otherwise: string): string {
    return rule && "written" in rule ? `#${list}-written-${i}` : rule && rule.least !== null ? `#${list}-least-${i}` : otherwise;
  }

  /** What a rule asks, to be changed: from how much on, or in CQL2. */
  #controls(rule: Rule, list: "class" | "need", i: number): HTMLElement | null {
    if ("written" in rule) {
      const check = this.#checks.get(rule) ?? new RuleCheck(rule, this.store, this.changed);
      this.#checks.set(rule, check);
      return check.element(`${list}-written-${i}`);
    }
    if (rule.least === null) return null;
    const box = h("input", { type: "number", class: "form-control number", id: `${list}-least-${i}`, step: "any", value: rule.least, "aria-label": t("form.rule.least", { title: rule.title }) });
    box.addEventListener("input", () => {
      if (box.value !== "" && Number.isFinite(Number(box.value))) rule.least = Number(box.value);
    });
    return h("label", { class: "inline", for: box.id }, "≥ ", box);
  }

  #priority(into: HTMLElement, fields: Field[], again: (focus: string) => void): void {
    const { draft } = this;
    const swap = (i: number, by: number): void => {
      const [moved] = draft.priority.splice(i, 1);
      if (moved) draft.priority.splice(i + by, 0, moved);
      again(`#class-${i + by}`);
    };
    const rows = draft.priority.map((rule, i) => {
      const { title } = rule;
      const name = "written" in rule ? textBox(`class-${i}`, title, (value) => (rule.title = value), { maxlength: 60, "aria-label": t("form.class.name", { n: i + 1 }) }) : h("span", { class: "grow", id: `class-${i}`, tabindex: -1 }, title);
      return h(
        "li",
        { class: "written" in rule ? "class-row written" : "class-row" },
        h("span", {}, `${i + 1}. `),
        name,
        "written" in rule ? null : this.#controls(rule, "class", i),
        h("button", { type: "button", class: "step", "aria-label": t("form.class.up", { title }), disabled: i === 0, onclick: () => swap(i, -1) }, "▲"),
        h("button", { type: "button", class: "step", "aria-label": t("form.class.down", { title }), disabled: i === draft.priority.length - 1, onclick: () => swap(i, 1) }, "▼"),
        h("button", { type: "button", class: "step", "aria-label": t("form.remove", { title }), onclick: () => {
          draft.priority.splice(i, 1);
          again("#class-add");
        } }, icon("close")),
        "written" in rule ? this.#controls(rule, "class", i) : null,
      );
    });
    const taken = draft.priority.map(filterOf);
    const free = fields.filter(({ name, kind }) => kind !== "flag" || !taken.includes(`${name} = TRUE`));
    const add = choiceBox("class-add", "", [["", t("form.class.add")], ...this.#options(free)], (value) => {
      const rule = this.#begun(value, fields, draft.priority.length + 1);
      if (rule) draft.priority.push(rule);
      again(this.#first(rule, "class", draft.priority.length - 1, "#class-add"));
    });
    into.replaceChildren(h("h4", { class: "plain-label" }, t("form.priority")), h("ol", { class: "class-rows" }, ...rows, h("li", { class: "class-row last" }, `${rows.length + 1}. ${t("form.class.rest")}`)), labelled(add, t("form.class.label")));
  }

  #needs(into: HTMLElement, fields: Field[], again: (focus: string) => void): void {
    const { draft } = this;
    const row = (need: Draft["needs"][number], i: number): HTMLElement => {
      const title = "written" in need ? need.title : (fields.find(({ name }) => name === need.field)?.title[this.store.now.lang] ?? need.field);
      const skill = textBox(`need-skill-${i}`, need.skill, (value) => {
        need.skill = value;
        this.changed();
      }, { maxlength: 40, placeholder: t("form.skills.hint"), "aria-label": t("form.need.skill", { title }) });
      const gone = h("button", { type: "button", class: "step", "aria-label": t("form.remove", { title }), onclick: () => {
        draft.needs.splice(i, 1);
        again("#need-add");
      } }, icon("close"));
      const controls = this.#controls(need, "need", i);
      return "written" in need ? h("li", { class: "class-row written" }, h("span", { class: "grow" }, title), skill, gone, controls) : h("li", { class: "class-row" }, h("span", { class: "grow" }, title), controls, skill, gone);
    };
    const add = choiceBox("need-add", "", [["", t("form.needs.add")], ...this.#options(fields)], (value) => {
      const rule = this.#begun(value, fields, draft.needs.length + 1);
      if (rule) draft.needs.push({ ...rule, skill: "" });
      again(this.#first(rule, "need", draft.needs.length - 1, `#need-skill-${draft.needs.length - 1}`));
    });
    into.replaceChildren(h("h4", { class: "plain-label" }, t("form.needs")), h("ul", { class: "class-rows" }, ...draft.needs.map(row)), labelled(add, t("form.needs.label")));
  }
}

/** A written rule: the server says how many it takes in, or where its fault is. */
class RuleCheck {
  #timer = 0;
  #asking = new AbortController();

  constructor(
    private readonly rule: Written,
    private readonly store: Store,
    private readonly changed: () => void,
  ) {}

  element(id: string): HTMLElement {
    const said = h("div", { class: "rule-said", id: `${id}-said`, "aria-live": "polite" });
    const box = h("textarea", { class: "form-control rule", id, rows: 2, spellcheck: "false", autocomplete: "off", autocapitalize: "off", placeholder: "oldest >= 85 AND members = 1", "aria-label": t("form.rule.written", { title: this.rule.title }), "aria-describedby": said.id });
    box.value = this.rule.written;
    box.addEventListener("input", () => {
      this.rule.written = box.value;
      this.changed();
      this.#soon(box, said, WAIT_MS);
    });
    this.#soon(box, said, 0);
    return h("div", { class: "rule-box" }, box, said);
  }

  #soon(box: HTMLTextAreaElement, said: HTMLElement, wait: number): void {
    clearTimeout(this.#timer);
    this.#asking.abort();
    box.removeAttribute("aria-invalid");
    if (box.value.trim() === "") return said.replaceChildren(h("p", { class: "hint" }, t("form.rule.hint")));
    this.#timer = window.setTimeout(() => void this.#ask(box, said), wait);
  }

  async #ask(box: HTMLTextAreaElement, said: HTMLElement): Promise<void> {
    this.#asking = new AbortController();
    try {
      const { households } = await fetchCount(filterOf(this.rule), null, this.#asking.signal);
      said.replaceChildren(h("p", { class: "hint" }, households === null ? t("view.few") : plural(this.store.now.lang, "households", households)));
    } catch (cause) {
      if (isAbort(cause)) return;
      if (!(cause instanceof ApiError) || cause.status >= 500) return said.replaceChildren(problem("error.rule", cause, () => void this.#ask(box, said)));
      box.setAttribute("aria-invalid", "true");
      said.replaceChildren(h("p", { class: "found-fault" }, h("strong", {}, cause.position === null ? "" : t("query.wrong", { place: cause.position + 1 })), ...told({ status: cause.status, code: cause.code, parameter: cause.parameter, message: cause.message })));
    }
  }
}
