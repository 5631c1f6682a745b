/** A field that finds its choice as one types: a combobox with a list in groups, as the ARIA practices have it. */
import { h, icon } from "./dom";

export interface Choice {
  key: string;
  label: string;
  /** A sentence under the label; looked through too. */
  note: string;
  group: string;
}

interface Words {
  label: string;
  hint: string;
  none: string;
}

const folded = (text: string): string => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

export class Combo {
  readonly element: HTMLElement;
  readonly input: HTMLInputElement;
  readonly #list: HTMLElement;
  #shown: Choice[] = [];
  #active = -1;

  constructor(
    private readonly id: string,
    private readonly words: Words,
    private readonly choices: () => Choice[],
    private readonly chosen: (choice: Choice) => void,
  ) {
    this.#list = h("ul", { class: "suggestions choices", id: `${id}-list`, role: "listbox", "aria-label": words.label, hidden: true });
    this.input = h("input", {
      type: "text",
      class: "form-control",
      id,
      role: "combobox",
      autocomplete: "off",
      spellcheck: "false",
      placeholder: words.hint,
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": `${id}-list`,
      oninput: () => this.#open(),
      onclick: () => this.#open(),
      onkeydown: (event) => this.#key(event as KeyboardEvent),
      onblur: () => setTimeout(() => this.#close(), 150),
    });
    this.element = h("div", { class: "combo" }, h("label", { for: id, class: "plain" }, words.label), h("div", { class: "searchbox" }, icon("plus"), this.input, this.#list));
  }

  #open(): void {
    const said = folded(this.input.value.trim()).split(/\s+/);
    this.#shown = this.choices().filter(({ label, note }) => said.every((word) => folded(`${label} ${note}`).includes(word)));
    this.#active = -1;
    let group = "";
    const rows = this.#shown.flatMap((choice, i) => {
      const head = choice.group === group ? [] : [h("li", { class: "choice-group", role: "presentation" }, choice.group)];
      group = choice.group;
      return [...head, this.#option(choice, i)];
    });
    this.#list.replaceChildren(...(rows.length > 0 ? rows : [h("li", { class: "said", role: "option", "aria-disabled": "true", "aria-selected": "false" }, this.words.none)]));
    this.#list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.input.removeAttribute("aria-activedescendant");
  }

  #option(choice: Choice, i: number): HTMLElement {
    return h(
      "li",
      { role: "option", id: `${this.id}-${i}`, "aria-selected": "false", "data-choice": choice.key, onmousedown: (event) => event.preventDefault(), onclick: () => this.#choose(i) },
      h("span", { class: "choice-label" }, choice.label),
      choice.note ? h("span", { class: "note" }, choice.note) : null,
    );
  }

  #close(): void {
    this.#list.hidden = true;
    this.#active = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  #move(to: number): void {
    const count = this.#shown.length;
    if (count === 0) return;
    this.#active = (to + count) % count;
    for (const option of this.#list.querySelectorAll("[role=option]")) {
      const active = option.id === `${this.id}-${this.#active}`;
      option.setAttribute("aria-selected", String(active));
      if (active) option.scrollIntoView({ block: "nearest" });
    }
    this.input.setAttribute("aria-activedescendant", `${this.id}-${this.#active}`);
  }

  #key(event: KeyboardEvent): void {
    const open = !this.#list.hidden;
    if (event.key === "Escape" && (open || this.input.value !== "")) {
      event.stopPropagation();
      if (open) this.#close();
      else this.input.value = "";
    } else if (event.key === "Enter" && open) {
      event.preventDefault();
      this.#choose(Math.max(0, this.#active));
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) this.#open();
      this.#move(event.key === "ArrowDown" ? this.#active + 1 : this.#active < 0 ? this.#shown.length - 1 : this.#active - 1);
    }
  }

  #choose(i: number): void {
    const choice = this.#shown[i];
    if (!choice) return;
    this.input.value = "";
    this.#close();
    this.chosen(choice);
  }
}
