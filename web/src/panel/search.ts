/** Finding an address: a combobox with a list, as the ARIA practices have it. */
import { fetchAddresses, type Address } from "../api";
import { t } from "../i18n";
import { h, icon, one } from "../ui/dom";
import { announce, isAbort } from "../ui/status";

const WAIT_MS = 120;

export interface SearchEvents {
  found(address: Address): void;
  cleared(): void;
}

class Search {
  readonly #list: HTMLElement;
  readonly #input: HTMLInputElement;
  readonly #clear: HTMLButtonElement;
  #items: Address[] = [];
  #active = -1;
  #timer = 0;
  #asking = new AbortController();

  constructor(
    private readonly events: SearchEvents,
    private readonly prefix: string,
    private readonly label: string,
  ) {
    this.#list = h("ul", { class: "suggestions", id: `${prefix}suggestions`, role: "listbox", "aria-label": label, hidden: true });
    this.#input = h("input", {
      type: "text",
      class: "form-control",
      id: `${prefix}address`,
      role: "combobox",
      autocomplete: "off",
      spellcheck: "false",
      placeholder: t("search.hint"),
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": `${prefix}suggestions`,
      oninput: () => this.#typed(),
      onkeydown: (event) => this.#key(event as KeyboardEvent),
      onblur: () => setTimeout(() => this.#close(), 150),
    });
    this.#clear = h("button", { type: "button", class: "clear", "aria-label": t("search.clear"), title: t("search.clear"), hidden: true, onclick: () => this.#reset() }, icon("close"));
  }

  mount(into: HTMLElement): void {
    into.replaceChildren(
      h("label", { for: `${this.prefix}address`, class: "plain" }, this.label),
      h("div", { class: "searchbox" }, icon("search"), this.#input, this.#clear, this.#list),
    );
  }

  #typed(): void {
    this.#clear.hidden = this.#input.value === "";
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#ask(), WAIT_MS);
  }

  async #ask(): Promise<void> {
    const text = this.#input.value.trim();
    this.#asking.abort();
    if (text.length < 2) return this.#close();
    this.#asking = new AbortController();
    try {
      const { items } = await fetchAddresses(text, this.#asking.signal);
      this.#show(items);
    } catch (cause) {
      if (!isAbort(cause)) this.#say(t("error.search"));
    }
  }

  #show(items: Address[]): void {
    this.#items = items;
    this.#active = -1;
    if (items.length === 0) return this.#say(t("search.none"));
    this.#list.replaceChildren(...items.map((item, i) => this.#option(item, i)));
    this.#open();
    announce(items.length === 1 ? t("search.count.one") : t("search.count.other", { n: items.length }));
  }

  #option(item: Address, i: number): HTMLElement {
    const note = item.lon === null ? t("search.nowhere") : item.number === null || item.number === "" ? t("search.street") : "";
    return h(
      "li",
      { role: "option", id: `${this.prefix}suggestion-${i}`, "aria-selected": "false", onmousedown: (event) => event.preventDefault(), onclick: () => this.#choose(i) },
      h("span", {}, item.label),
      note ? h("span", { class: "note" }, note) : null,
    );
  }

  #say(text: string): void {
    this.#items = [];
    this.#list.replaceChildren(h("li", { class: "said", role: "option", "aria-disabled": "true", "aria-selected": "false" }, text));
    this.#open();
    announce(text);
  }

  #open(): void {
    this.#list.hidden = false;
    this.#input.setAttribute("aria-expanded", "true");
    this.#input.removeAttribute("aria-activedescendant");
  }

  #close(): void {
    this.#list.hidden = true;
    this.#active = -1;
    this.#input.setAttribute("aria-expanded", "false");
    this.#input.removeAttribute("aria-activedescendant");
  }

  #move(to: number): void {
    const options = [...this.#list.children];
    this.#active = (to + options.length) % options.length;
    options.forEach((option, i) => option.setAttribute("aria-selected", String(i === this.#active)));
    options[this.#active]?.scrollIntoView({ block: "nearest" });
    this.#input.setAttribute("aria-activedescendant", `${this.prefix}suggestion-${this.#active}`);
  }

  #key(event: KeyboardEvent): void {
    const open = !this.#list.hidden;
    if (event.key === "Escape") {
      event.stopPropagation();
      if (open) this.#close();
      else this.#reset();
    } else if (event.key === "Enter" && open && this.#items.length > 0) {
      event.preventDefault();
      this.#choose(Math.max(0, this.#active));
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && this.#items.length > 0) {
      event.preventDefault();
      if (!open) this.#open();
      this.#move(event.key === "ArrowDown" ? this.#active + 1 : this.#active < 0 ? this.#items.length - 1 : this.#active - 1);
    }
  }

  #choose(i: number): void {
    const item = this.#items[i];
    if (!item || item.lon === null) return;
    this.#input.value = item.label;
    this.#clear.hidden = false;
    this.#close();
    this.events.found(item);
    announce(t("search.gone", { label: item.label }));
  }

  #reset(): void {
    this.#input.value = "";
    this.#clear.hidden = true;
    this.#close();
    this.#input.focus();
    this.events.cleared();
  }
}

/** `prefix` tells the boxes of one page apart. */
export function renderSearch(events: SearchEvents, into = one("search"), prefix = "", label = t("search.label")): void {
  new Search(events, prefix, label).mount(into);
}
