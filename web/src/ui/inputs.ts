/** Fields of a form, each under its name. */
import { h } from "./dom";

/** A control under its name. */
export const labelled = (control: HTMLElement, label: string, className = ""): HTMLElement =>
  h("div", { class: `field ${className}`.trim() }, h("label", { for: control.id, class: "plain" }, label), control);

export function textBox(id: string, value: string, set: (value: string) => void, attributes: Record<string, string | number | boolean> = {}): HTMLInputElement {
  const input = h("input", { type: "text", class: "form-control", id, autocomplete: "off", value, ...attributes });
  input.addEventListener("input", () => set(input.value));
  return input;
}

/** A number within its bounds; what is none leaves the one before. */
export function numberBox(id: string, value: number, [min, max]: [number, number], set: (value: number) => void, step = 1): HTMLInputElement {
  const input = h("input", { type: "number", class: "form-control number", id, min, max, step, value });
  input.addEventListener("input", () => {
    const given = Number(input.value);
    const good = input.value !== "" && Number.isFinite(given) && given >= min && given <= max;
    if (good) {
      input.removeAttribute("aria-invalid");
      set(given);
    } else input.setAttribute("aria-invalid", "true");
  });
  return input;
}

export function timeBox(id: string, value: string, set: (value: string) => void, label: string | null = null): HTMLInputElement {
  const input = h("input", { type: "time", class: "form-control", id, value, required: true, ...(label ? { "aria-label": label } : {}) });
  input.addEventListener("change", () => input.value && set(input.value));
  return input;
}

export function choiceBox(id: string, value: string, options: [string, string][], set: (value: string) => void): HTMLSelectElement {
  const select = h("select", { class: "form-select", id }, ...options.map(([key, title]) => h("option", { value: key, selected: key === value }, title)));
  select.addEventListener("change", () => set(select.value));
  return select;
}

export function tickBox(id: string, label: string, checked: boolean, set: (checked: boolean) => void): HTMLElement {
  const input = h("input", { type: "checkbox", id, checked });
  input.addEventListener("change", () => set(input.checked));
  return h("label", { class: "tick-label", for: id }, input, label);
}

/** A choice of few, side by side. */
export function segments(name: string, legend: string, value: string, options: [string, string][], set: (value: string) => void): HTMLElement {
  const choice = ([key, title]: [string, string]): HTMLElement => {
    const input = h("input", { type: "radio", name, value: key, checked: key === value });
    input.addEventListener("change", () => input.checked && set(key));
    return h("label", {}, input, h("span", {}, title));
  };
  return h("fieldset", { class: "segments" }, h("legend", { class: "visually-hidden" }, legend), h("div", {}, ...options.map(choice)));
}
