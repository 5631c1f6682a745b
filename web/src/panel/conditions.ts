/** The conditions: chips in plain words, the controls of the one at hand, and the field that adds another. */
import type { Town } from "../api";
import type { Field } from "../ask/api";
import { begin, type Condition } from "../ask/condition";
import { t, type Key } from "../i18n";
import type { Store } from "../state";
import { Combo, type Choice } from "../ui/combo";
import { h, icon, one } from "../ui/dom";
import { announce } from "../ui/status";
import { DIMENSIONS } from "./picker";
import { RangeEditor } from "./range";
import { saying } from "./words";

/** Questions to begin with, shown where the fields they ask of may be asked. */
const STARTS: { title: Key; conditions: Condition[] }[] = [
  { title: "start.alone", conditions: [{ kind: "flag", field: "alone_elder", is: true }] },
  { title: "start.devices", conditions: [{ kind: "flag", field: "life_support", is: true }] },
  { title: "start.children", conditions: [{ kind: "range", field: "minors", from: 1, to: null }, { kind: "range", field: "isee", from: null, to: 10_000 }] },
  { title: "start.uncovered", conditions: [{ kind: "flag", field: "uncovered", is: true }] },
  { title: "start.rent", conditions: [{ kind: "flag", field: "rent_arrears", is: true }] },
  { title: "start.zones.fragile", conditions: [{ kind: "range", field: "fragile", from: 0.1, to: null }] },
  { title: "start.zones.elders", conditions: [{ kind: "range", field: "alone_elder", from: 0.15, to: null }] },
  { title: "start.zones.poor", conditions: [{ kind: "range", field: "isee_low", from: 0.4, to: null }] },
];

export class Conditions {
  #open: string | null = null;
  #shown: string | null = null;

  constructor(
    private readonly store: Store,
    private readonly town: Town,
  ) {
    store.on(["conditions", "written", "fields"], () => this.chips());
  }

  #field(name: string): Field | undefined {
    return this.store.now.fields?.fields.find((field) => field.name === name);
  }

  #title(name: string): string {
    return this.#field(name)?.title[this.store.now.lang] ?? name;
  }

  /** Everything, anew: after the language or the fields changed. */
  render(): void {
    this.#shown = null;
    const combo = new Combo("add-condition", { label: t("people.add"), hint: t("people.add.hint"), none: t("people.add.none") }, () => this.#choices(), ({ key }) => this.#add(key));
    one("people-add").replaceChildren(combo.element);
    this.chips();
  }

  #choices(): Choice[] {
    const { lang, conditions, fields } = this.store.now;
    const dimension = (field: Field): string =>
      field.dimension ?? this.town.properties.find(({ key }) => key === field.name)?.dimension ?? "household";
    const choice = (field: Field): Choice => {
      const group = dimension(field);
      const known = DIMENSIONS.some((name) => name === group);
      return { key: field.name, label: field.title[lang], note: field.description?.[lang] ?? "", group: known ? t(`dimension.${group}` as Key) : t("people.group.household") };
    };
    const order = (field: Field): number => DIMENSIONS.findIndex((name) => name === dimension(field));
    return (fields?.fields ?? [])
      .filter((field) => field.name !== "household" && !conditions.some((condition) => condition.field === field.name))
      .sort((a, b) => order(a) - order(b))
      .map(choice);
  }

  #add(name: string): void {
    const field = this.#field(name);
    if (!field) return;
    this.#open = name;
    this.store.set({ conditions: [...this.store.now.conditions, begin(field)], written: null });
    const first = one("people-editor").querySelector<HTMLElement>("input");
    first?.focus();
    announce(t("people.added", { title: field.title[this.store.now.lang] }));
  }

  /** The chips, and the controls where another condition is at hand; those at hand stay, so that a slider can go on. */
  chips(): void {
    const { store } = this;
    const { conditions, written } = store.now;
    if (!conditions.some(({ field }) => field === this.#open)) this.#open = null;
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.focus : undefined;
    const into = one("people-chips");
    const hand = written === null ? [] : [this.#handwritten()];
    const nothing = conditions.length === 0 && written === null;
    into.replaceChildren(nothing ? this.#starts() : h("ul", { class: "chips", "aria-label": t("people.conditions") }, ...conditions.map((condition) => this.#chip(condition)), ...hand));
    if (focused) into.querySelector<HTMLElement>(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
    this.#editor();
  }

  /** All conditions in one line. */
  sentence(): string {
    const { conditions, written, lang } = this.store.now;
    return written ?? conditions.map((condition) => `${this.#title(condition.field)}: ${saying(lang, condition, this.#field(condition.field))}`).join(" · ");
  }

  #chip(condition: Condition): HTMLElement {
    const { lang } = this.store.now;
    const { field } = condition;
    const title = this.#title(field);
    const said = saying(lang, condition, this.#field(field));
    const open = this.#open === field;
    const toggle = (): void => {
      this.#open = open ? null : field;
      this.chips();
    };
    return h(
      "li",
      { class: open ? "chip open" : "chip", "data-field": field },
      h("button", { type: "button", class: "chip-text", "aria-expanded": String(open), "aria-controls": "people-editor", "data-focus": `chip-${field}`, onclick: toggle }, h("span", { class: "chip-title" }, `${title}: `), said),
      h("button", { type: "button", class: "chip-close", "aria-label": t("people.remove", { title: `${title}: ${said}` }), title: t("people.remove", { title }), onclick: () => this.#remove(field) }, icon("close")),
    );
  }

  #handwritten(): HTMLElement {
    return h(
      "li",
      { class: "chip" },
      h("span", { class: "chip-text" }, h("span", { class: "chip-title" }, t("people.written")), h("code", {}, this.store.now.written ?? "")),
      h("button", { type: "button", class: "chip-close", "aria-label": t("people.remove", { title: t("people.written") }), onclick: () => this.store.set({ written: null, conditions: [] }) }, icon("close")),
    );
  }

  /** One name may be a yes or no of a household and a share of a zone. */
  #fits(condition: Condition): boolean {
    const field = this.#field(condition.field);
    return field !== undefined && begin(field).kind === condition.kind;
  }

  #starts(): HTMLElement | string {
    const fits = STARTS.filter(({ conditions }) => conditions.every((condition) => this.#fits(condition)));
    if (fits.length === 0) return "";
    const start = ({ title, conditions }: (typeof STARTS)[number]): HTMLElement =>
      h("li", {}, h("button", { type: "button", class: "start", onclick: () => this.#start(conditions) }, t(title)));
    return h("div", { class: "starts" }, h("p", { class: "hint" }, t("people.starts")), h("ul", {}, ...fits.map(start)));
  }

  #start(conditions: Condition[]): void {
    this.#open = conditions[0]?.field ?? null;
    this.store.set({ conditions: conditions.map((condition) => ({ ...condition })), written: null });
    document.querySelector<HTMLElement>("#people-chips .chip-text")?.focus();
  }

  #remove(name: string): void {
    const { conditions } = this.store.now;
    const place = conditions.findIndex(({ field }) => field === name);
    const rest = conditions.filter(({ field }) => field !== name);
    const next = rest[Math.min(place, rest.length - 1)];
    this.store.set({ conditions: rest });
    announce(t("people.removed", { title: this.#title(name) }));
    (next ? document.querySelector<HTMLElement>(`[data-focus="chip-${next.field}"]`) : document.getElementById("add-condition"))?.focus();
  }

  #change(next: Condition): void {
    this.store.set({ conditions: this.store.now.conditions.map((condition) => (condition.field === next.field ? next : condition)), written: null });
  }

  #editor(): void {
    const condition = this.store.now.conditions.find(({ field }) => field === this.#open);
    const field = condition && this.#field(condition.field);
    const key = field ? `${field.name} ${this.store.now.lang}` : null;
    if (key === this.#shown) return;
    this.#shown = key;
    const into = one("people-editor");
    if (!condition || !field) return into.replaceChildren();
    const { lang } = this.store.now;
    into.replaceChildren(
      h("fieldset", { class: "editor", "data-editor": field.name }, h("legend", {}, field.title[lang]), field.description?.[lang] ? h("p", { class: "hint" }, field.description[lang]) : null, ...this.#controls(condition, field)),
    );
  }

  #controls(condition: Condition, field: Field): HTMLElement[] {
    const { lang } = this.store.now;
    const tick = (type: "radio" | "checkbox", label: string, checked: boolean, value: string, changed: (input: HTMLInputElement) => void): HTMLElement => {
      const input = h("input", { type, name: `condition-${field.name}`, value, checked });
      input.addEventListener("change", () => changed(input));
      return h("label", { class: "tick-label" }, input, label);
    };
    switch (condition.kind) {
      case "range":
        return [new RangeEditor(lang, field, condition, (ends) => this.#change({ ...condition, ...ends })).element];
      case "flag": {
        const flag = (is: boolean | null, label: string): HTMLElement => tick("radio", label, condition.is === is, String(is), () => this.#change({ ...condition, is }));
        const any = tick("radio", t("condition.any"), false, "any", () => this.#remove(field.name));
        return [h("div", { class: "ticks" }, flag(true, t("condition.yes")), flag(false, t("condition.no")), flag(null, t("condition.unknown")), any)];
      }
      case "oneof": {
        const keys = new Set(condition.keys);
        const boxes = (field.choices ?? []).map(({ key, title }) =>
          tick("checkbox", title[lang], keys.has(key), key, ({ checked }) => {
            if (checked) keys.add(key);
            else keys.delete(key);
            this.#change({ ...condition, keys: (field.choices ?? []).map((choice) => choice.key).filter((known) => keys.has(known)) });
          }),
        );
        return [h("div", { class: "ticks column" }, ...boxes)];
      }
      case "period": {
        const ends = { from: condition.from, to: condition.to };
        const day = (name: "from" | "to"): HTMLElement => {
          const input = h("input", { type: "date", class: "form-control", value: ends[name] ?? "" });
          input.addEventListener("change", () => {
            ends[name] = input.value || null;
            this.#change({ ...condition, ...ends });
          });
          return h("label", { class: "day" }, t(`period.${name}`), input);
        };
        return [h("div", { class: "days" }, day("from"), day("to"))];
      }
      case "words": {
        const input = h("input", { type: "text", class: "form-control", value: condition.contains, "aria-label": t("condition.words") });
        input.addEventListener("input", () => this.#change({ ...condition, contains: input.value }));
        return [input];
      }
    }
  }
}
