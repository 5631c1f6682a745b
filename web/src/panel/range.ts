/** A range of numbers: bars that say where the households are, two handles, two boxes for who knows the number. */
import type { Lang } from "../api";
import type { Field } from "../ask/api";
import { fetchSpread, flat, type Spread } from "../ask/spread";
import { t } from "../i18n";
import { h } from "../ui/dom";
import { quantity } from "./words";

export interface Ends {
  from: number | null;
  to: number | null;
}

const tidy = (value: number): number => Number(value.toPrecision(12));

export class RangeEditor {
  readonly element: HTMLElement;
  readonly #bars = h("div", { class: "brush", "aria-hidden": "true" });
  readonly #low: HTMLInputElement;
  readonly #high: HTMLInputElement;
  readonly #from: HTMLInputElement;
  readonly #to: HTMLInputElement;
  #spread: Spread;

  constructor(
    private readonly lang: Lang,
    private readonly field: Field,
    private ends: Ends,
    private readonly changed: (ends: Ends) => void,
  ) {
    this.#spread = flat(field);
    const title = field.title[lang];
    const slider = (name: string, said: string): HTMLInputElement =>
      h("input", { type: "range", class: `thumb ${name}`, "aria-label": `${title}, ${said}`, "data-thumb": name, oninput: () => this.#slid(name === "low") });
    const box = (name: string, said: string): HTMLInputElement =>
      h("input", { type: "text", inputmode: "decimal", class: "form-control number", "aria-label": `${title}, ${said}`, "data-end": name, autocomplete: "off", onchange: () => this.#typed() });
    this.#low = slider("low", t("range.from"));
    this.#high = slider("high", t("range.to"));
    this.#from = box("from", t("range.from"));
    this.#to = box("to", t("range.to"));
    this.element = h(
      "div",
      { class: "range" },
      this.#bars,
      h("div", { class: "thumbs" }, h("span", { class: "rail" }), this.#low, this.#high),
      h("div", { class: "ends" }, h("span", { "aria-hidden": "true" }, t("range.from")), this.#from, h("span", { "aria-hidden": "true" }, t("range.to")), this.#to),
    );
    this.#brush();
    this.#ground();
    void fetchSpread(field).then((spread) => {
      this.#spread = spread;
      this.#ground();
    });
  }

  #ground(): void {
    const { min, max, step, bars } = this.#spread;
    for (const input of [this.#low, this.#high]) {
      input.min = String(min);
      input.max = String(max);
      input.step = String(step);
    }
    // Where there is a bar for each number, the handles stand under the middle of theirs.
    const each = bars.length > 0 && bars.length === max - min + 1 && this.field.kind === "whole";
    this.element.style.setProperty("--bars", each ? String(bars.length) : "1e9");
    const tallest = Math.max(...bars, 0.001);
    this.#bars.replaceChildren(...bars.map((share) => h("span", { style: `height:${share === 0 ? 0 : Math.max(3, (100 * share) / tallest).toFixed(1)}%` })));
    this.#show();
  }

  /** Puts handles, boxes and bars where the ends are. */
  #show(): void {
    const { lang, field } = this;
    const { min, max, bars } = this.#spread;
    const [low, high] = [this.ends.from ?? min, this.ends.to ?? max];
    this.#low.value = String(low);
    this.#high.value = String(high);
    this.#low.setAttribute("aria-valuetext", this.ends.from === null ? t("condition.any") : quantity(lang, field, low));
    this.#high.setAttribute("aria-valuetext", this.ends.to === null ? t("condition.any") : quantity(lang, field, high));
    this.#from.value = this.ends.from === null ? "" : this.ends.from.toLocaleString(lang, { useGrouping: false, maximumFractionDigits: 4 });
    this.#to.value = this.ends.to === null ? "" : this.ends.to.toLocaleString(lang, { useGrouping: false, maximumFractionDigits: 4 });
    this.#from.placeholder = quantity(lang, field, min);
    this.#to.placeholder = t("range.beyond");
    const along = (value: number): number => (100 * (Math.min(max, Math.max(min, value)) - min)) / (max - min);
    this.element.style.setProperty("--low", `${along(low)}%`);
    this.element.style.setProperty("--high", `${along(high)}%`);
    const inside = (i: number): boolean => {
      const middle = min + ((max - min) * (bars.length > 1 && field.kind === "whole" ? i : i + 0.5)) / (field.kind === "whole" ? Math.max(1, bars.length - 1) : bars.length);
      return middle >= low && middle <= high;
    };
    [...this.#bars.children].forEach((bar, i) => bar.classList.toggle("out", !inside(i)));
  }

  #set(ends: Ends): void {
    this.ends = ends;
    this.#show();
    this.changed(ends);
  }

  /** A handle at its own end sets no bound. */
  #bounded(low: number, high: number): Ends {
    const { min, max } = this.#spread;
    return { from: low <= min ? null : tidy(low), to: high >= max ? null : tidy(high) };
  }

  #slid(lower: boolean): void {
    const [low, high] = [Number(this.#low.value), Number(this.#high.value)];
    this.#set(lower ? this.#bounded(Math.min(low, high), high) : this.#bounded(low, Math.max(low, high)));
  }

  #typed(): void {
    const number = ({ value }: HTMLInputElement): number | null => {
      const text = this.lang === "it" ? value.replaceAll(".", "").replace(",", ".") : value.replaceAll(",", "");
      const found = Number.parseFloat(text.replace(/[^\d.-]/g, ""));
      return Number.isFinite(found) ? found : null;
    };
    const [from, to] = [number(this.#from), number(this.#to)];
    this.#set(from !== null && to !== null && from > to ? { from: to, to: from } : { from, to });
  }

  /** Dragging over the bars takes in what is passed over. */
  #brush(): void {
    let start: number | null = null;
    const at = (event: PointerEvent): number => {
      const { left, width } = this.#bars.getBoundingClientRect();
      const { min, max, step } = this.#spread;
      const value = min + (max - min) * Math.min(1, Math.max(0, (event.clientX - left) / width));
      return Math.round(value / step) * step;
    };
    this.#bars.addEventListener("pointerdown", (event) => {
      start = at(event);
      this.#bars.setPointerCapture(event.pointerId);
    });
    this.#bars.addEventListener("pointermove", (event) => {
      if (start === null) return;
      const here = at(event);
      this.#set(this.#bounded(Math.min(start, here), Math.max(start, here)));
    });
    for (const end of ["pointerup", "pointercancel"]) this.#bars.addEventListener(end, () => (start = null));
  }
}
