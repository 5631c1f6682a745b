/** The filter in CQL2, for those who know it: it follows the controls, can be written, completes names, and shows where a fault is. */
import { read } from "../ask/condition";
import { t } from "../i18n";
import { filterIn, type Store } from "../state";
import { h } from "../ui/dom";
import { told } from "../ui/reason";
import { announce } from "../ui/status";

/** Words of the language that are offered beside fields and functions. */
const WORDS = ["AND", "OR", "NOT", "LIKE", "BETWEEN", "IN", "IS NULL", "IS NOT NULL", "TRUE", "FALSE"];
const MOST = 8;
const WAIT_MS = 200;

interface Offer {
  text: string;
  note: string;
}

export class QueryBox {
  readonly #box: HTMLTextAreaElement;
  readonly #behind = h("div", { class: "query-behind", "aria-hidden": "true" });
  readonly #list: HTMLElement;
  readonly #fault: HTMLElement;
  #into: HTMLElement | null = null;
  #offers: Offer[] = [];
  #active = -1;
  #timer = 0;

  /** `id` names the box and what belongs to it; it stands wherever it is mounted. */
  constructor(
    private readonly store: Store,
    private readonly id: "query" | "form-query" = "query",
  ) {
    this.#fault = h("div", { class: "query-fault", id: `${id}-fault`, role: "alert" });
    this.#list = h("ul", { class: "suggestions offers", id: `${id}-list`, role: "listbox", "aria-label": t("query.offers"), hidden: true });
    this.#box = h("textarea", {
      id,
      class: "query",
      rows: 3,
      spellcheck: "false",
      autocomplete: "off",
      autocapitalize: "off",
      "aria-describedby": `${id}-hint ${id}-fault`,
      "aria-controls": `${id}-list`,
      "aria-autocomplete": "list",
      oninput: () => this.#typed(),
      onkeydown: (event) => this.#key(event as KeyboardEvent),
      onscroll: () => (this.#behind.scrollTop = this.#box.scrollTop),
      onblur: () => setTimeout(() => this.#close(), 150),
    });
    store.on(["conditions", "written"], () => this.follow());
    store.on(["fault"], () => this.fault());
  }

  mount(into: HTMLElement): void {
    const { id } = this;
    this.#into = into;
    const open = into.querySelector("details")?.open === true || this.store.now.written !== null;
    into.replaceChildren(
      h(
        "details",
        { class: "fold", open },
        h("summary", {}, t("query.title")),
        h("label", { for: id, class: "plain" }, t("query.label")),
        h("div", { class: "query-frame" }, this.#behind, this.#box, this.#list),
        this.#fault,
        h("p", { class: "hint", id: `${id}-hint` }, t("query.hint")),
      ),
    );
    this.follow();
  }

  /** Says what the controls say, unless a hand is writing. */
  follow(): void {
    if (document.activeElement === this.#box && !this.#box.matches("[data-done]")) return;
    const filter = filterIn(this.store.now);
    if (this.#box.value !== filter) this.#box.value = filter;
    this.fault();
  }

  fault(): void {
    const { fault } = this.store.now;
    const text = this.#box.value;
    if (!fault || fault.position === null || text === "") {
      this.#behind.replaceChildren();
      this.#fault.replaceChildren();
      this.#box.removeAttribute("aria-invalid");
      return;
    }
    const at = Math.min(fault.position, text.length);
    const length = /^\s*([\w.]+|'[^']*'?|[^\s\w])/.exec(text.slice(at))?.[0].length ?? 0;
    const wrong = text.slice(at, at + length) || " ";
    this.#behind.replaceChildren(text.slice(0, at), h("mark", { "data-at": at }, wrong), `${text.slice(at + length)} `);
    this.#behind.scrollTop = this.#box.scrollTop;
    this.#box.setAttribute("aria-invalid", "true");
    const go = (): void => {
      this.#box.focus();
      this.#box.setSelectionRange(at, at + Math.max(length, at < text.length ? 1 : 0));
    };
    this.#fault.replaceChildren(
      h("p", {}, h("strong", {}, t("query.wrong", { place: at + 1 })), ...told(fault)),
      h("button", { type: "button", class: "textual", onclick: go }, t("query.go")),
    );
    this.#into?.querySelector("details")?.setAttribute("open", "");
  }

  #typed(): void {
    this.#offer();
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#take(), WAIT_MS);
  }

  #take(): void {
    const text = this.#box.value.trim();
    const conditions = read(text, this.store.now.fields?.fields ?? []);
    this.store.set(conditions ? { conditions, written: null } : { conditions: [], written: text });
  }

  /** The name that is being written, and where it begins. */
  #word(): { from: number; text: string } {
    const before = this.#box.value.slice(0, this.#box.selectionStart);
    const text = /[A-Za-z_]\w*$/.exec(before)?.[0] ?? "";
    return { from: before.length - text.length, text };
  }

  #offer(): void {
    const { text } = this.#word();
    const { fields, lang } = this.store.now;
    const quotes = this.#box.value.slice(0, this.#box.selectionStart).split("'").length - 1;
    if (text.length < 1 || !fields || quotes % 2 === 1) return this.#close();
    const starts = text.toLowerCase();
    const all: Offer[] = [
      ...fields.fields.map(({ name, title }) => ({ text: name, note: title[lang] })),
      ...fields.functions.map((name) => ({ text: `${name}(`, note: t("query.function") })),
      ...WORDS.map((word) => ({ text: word, note: "" })),
    ];
    const score = ({ text: name, note }: Offer): number => (name.toLowerCase().startsWith(starts) ? 0 : name.toLowerCase().includes(starts) ? 1 : note.toLowerCase().includes(starts) ? 2 : 9);
    this.#offers = all.filter((offer) => score(offer) < 9 && offer.text.toLowerCase() !== starts).sort((a, b) => score(a) - score(b)).slice(0, MOST);
    if (this.#offers.length === 0) return this.#close();
    this.#active = 0;
    this.#list.replaceChildren(...this.#offers.map((offer, i) => this.#row(offer, i)));
    this.#list.hidden = false;
    this.#mark();
  }

  #row(offer: Offer, i: number): HTMLElement {
    return h(
      "li",
      { role: "option", id: `${this.id}-${i}`, "aria-selected": "false", onmousedown: (event) => event.preventDefault(), onclick: () => this.#complete(i) },
      h("code", {}, offer.text),
      offer.note ? h("span", { class: "note" }, offer.note) : null,
    );
  }

  #mark(): void {
    [...this.#list.children].forEach((option, i) => option.setAttribute("aria-selected", String(i === this.#active)));
    this.#box.setAttribute("aria-activedescendant", `${this.id}-${this.#active}`);
  }

  #close(): void {
    this.#list.hidden = true;
    this.#offers = [];
    this.#box.removeAttribute("aria-activedescendant");
  }

  /** Tab or Enter takes the name that is offered; without an offer both do what they always do. */
  #key(event: KeyboardEvent): void {
    const count = this.#offers.length;
    if (count === 0 || this.#list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      this.#active = (this.#active + (event.key === "ArrowDown" ? 1 : count - 1)) % count;
      this.#mark();
    } else if (event.key === "Enter" || event.key === "Tab") this.#complete(this.#active);
    else if (event.key === "Escape") {
      event.stopPropagation();
      this.#close();
    } else return;
    event.preventDefault();
  }

  #complete(i: number): void {
    const offer = this.#offers[i];
    if (!offer) return;
    const { from, text } = this.#word();
    const gap = offer.text.endsWith("(") ? "" : " ";
    this.#box.setRangeText(offer.text + gap, from, from + text.length, "end");
    this.#close();
    announce(offer.text);
    this.#typed();
    this.#close();
  }
}
