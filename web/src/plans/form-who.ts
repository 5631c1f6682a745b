/** Whom to reach: those found in "Persone", or a list that is pasted or loaded. */
import { together } from "../ask/area";
import * as format from "../format";
import { t, type Key } from "../i18n";
import { plural } from "../i18n/plural";
import { QueryBox } from "../panel/query";
import { filterIn } from "../state";
import { h, icon, one } from "../ui/dom";
import { segments, tickBox } from "../ui/inputs";
import { announce, isAbort, problem } from "../ui/status";
import { fetchListed } from "./api";
import { faultsOf, idsOf, MAX_LIST, MAX_LIST_BYTES, rowsOf } from "./listed";
import type { Asked, Draft } from "./order";
import type { Room } from "./room";

const WAIT_MS = 350;
const FAULTS_SHOWN = 500;

export class Who {
  #into: HTMLElement | null = null;
  #timer = 0;
  #asking = new AbortController();
  readonly #query: QueryBox;

  constructor(
    private readonly room: Room,
    private readonly draft: Draft,
    private readonly changed: () => void,
  ) {
    this.#query = new QueryBox(room.store, "form-query");
  }

  render(into: HTMLElement): void {
    this.#into = into;
    const { draft } = this;
    into.replaceChildren(
      segments("who", t("form.who"), draft.who, [["found", t("form.who.found")], ["list", t("form.who.list")]], (value) => {
        draft.who = value as Draft["who"];
        this.#body();
        this.changed();
      }),
      h("div", { id: "who-body" }),
      h("div", { id: "who-query" }),
    );
    this.#query.mount(one("who-query"));
    this.#body();
  }

  /** Those found are followed; a list stays as it is written. */
  follow(): void {
    if (this.draft.who === "found") this.#body();
  }

  get households(): number {
    const { found } = this.room.store.now;
    if (this.draft.who === "list") return this.draft.list.listed?.households ?? 0;
    return found?.households ?? this.room.town.households;
  }

  /** What stands in the way of an order. */
  get missing(): Key | null {
    const { who, list } = this.draft;
    if (who === "found") return null;
    const rows = rowsOf(list.text);
    if (idsOf(rows).length > MAX_LIST) return "form.list.many";
    if (list.listed === null || list.listed.households === 0) return "form.missing.list";
    return this.#lost(rows).length > 0 && !list.sure ? "form.missing.sure" : null;
  }

  /** The element at which what is missing is mended. */
  get remedy(): HTMLElement | null {
    return document.getElementById("list-sure") ?? document.getElementById("list-text");
  }

  asked(): Asked {
    const { store } = this.room;
    if (this.draft.who === "found") return { people: { filter: filterIn(store.now), area: together(store.now.areas) }, units: this.households };
    const { text, listed } = this.draft.list;
    const gone = new Set(listed?.unknown ?? []);
    const households = idsOf(rowsOf(text)).filter((id) => !gone.has(id));
    return { people: { households, ...(listed ? { generation: listed.generation } : {}) }, units: this.households };
  }

  #body(): void {
    const into = this.#into?.querySelector("#who-body");
    into?.replaceChildren(...(this.draft.who === "found" ? this.#found() : this.#list()));
    const query = document.getElementById("who-query");
    if (query) query.hidden = this.draft.who === "list";
    if (this.draft.who === "list") this.#said();
  }

  #count(households: number, people: number | null): HTMLElement {
    const { lang } = this.room.store.now;
    return h("p", { class: "form-count", "data-households": households }, h("strong", {}, plural(lang, "households", households)), people === null ? "" : ` · ${plural(lang, "people", people)}`);
  }

  #found(): HTMLElement[] {
    const { found } = this.room.store.now;
    const sentence = this.room.people.sentence();
    return [
      this.#count(this.households, found?.people ?? (sentence === "" ? this.room.town.people : null)),
      h("p", { class: sentence === "" ? "found-note" : "hint" }, sentence === "" ? t("form.who.all") : sentence),
      h("button", { type: "button", class: "btn btn-outline-primary btn-xs", id: "form-people", onclick: () => this.#choose() }, icon("people"), t("form.who.choose")),
    ];
  }

  #choose(): void {
    this.room.store.set({ place: "people" });
    (document.getElementById("add-condition") ?? document.querySelector<HTMLElement>('#places [data-place="people"]'))?.focus();
  }

  #list(): HTMLElement[] {
    const { list } = this.draft;
    const text = h("textarea", { class: "form-control", id: "list-text", rows: 5, spellcheck: "false", autocomplete: "off", "aria-describedby": "list-hint" });
    text.value = list.text;
    text.addEventListener("input", () => this.#written(text.value));
    const file = h("input", { type: "file", accept: ".csv,.txt,text/csv,text/plain", class: "visually-hidden", id: "list-file" });
    file.addEventListener("change", () => {
      const [given] = file.files ?? [];
      file.value = "";
      if (given) void this.#load(given, text);
    });
    return [
      h("label", { class: "plain", for: "list-text" }, t("form.list.label")),
      text,
      h("p", { class: "hint", id: "list-hint" }, t("form.list.hint")),
      h("label", { class: "btn btn-outline-primary btn-xs file" }, file, t("form.list.file")),
      h("div", { id: "list-said", "aria-live": "polite" }),
    ];
  }

  async #load(file: File, text: HTMLTextAreaElement): Promise<void> {
    if (file.size > MAX_LIST_BYTES) {
      this.#into?.querySelector("#list-said")?.replaceChildren(h("p", { class: "found-fault" }, t("form.list.large")));
      return;
    }
    text.value = await file.text();
    this.#written(text.value, 0);
    text.focus();
  }

  #written(text: string, wait = WAIT_MS): void {
    const { list } = this.draft;
    Object.assign(list, { text, listed: null, sure: false });
    clearTimeout(this.#timer);
    this.#asking.abort();
    this.#said();
    this.changed();
    if (idsOf(rowsOf(text)).length > 0) this.#timer = window.setTimeout(() => void this.#ask(text), wait);
  }

  async #ask(text: string): Promise<void> {
    const ids = idsOf(rowsOf(text));
    if (ids.length > MAX_LIST) return;
    this.#asking = new AbortController();
    try {
      this.draft.list.listed = await fetchListed(ids, this.#asking.signal);
      this.#said();
      this.changed();
      announce(t("form.list.said", { households: plural(this.room.store.now.lang, "households", this.households) }));
    } catch (cause) {
      if (!isAbort(cause)) this.#into?.querySelector("#list-said")?.replaceChildren(problem("error.list", cause, () => void this.#ask(text)));
    }
  }

  #lost(rows: ReturnType<typeof rowsOf>): ReturnType<typeof faultsOf> {
    return faultsOf(rows, this.draft.list.listed).filter(({ fault }) => fault !== "twice");
  }

  /** What became of every row. */
  #said(): void {
    const { list } = this.draft;
    const { lang } = this.room.store.now;
    const into = this.#into?.querySelector("#list-said");
    const rows = rowsOf(list.text);
    if (!into || rows.length === 0) return into?.replaceChildren();
    if (idsOf(rows).length > MAX_LIST) return into.replaceChildren(h("p", { class: "found-fault" }, t("form.list.many")));
    const faults = faultsOf(rows, list.listed);
    const lost = this.#lost(rows);
    const twice = faults.length - lost.length;
    const unplaced = list.listed?.unplaced ?? [];
    const n = (count: number): string => format.count(lang, count);
    const sure = tickBox("list-sure", t("form.list.sure", { n: n(lost.length) }), list.sure, (checked) => {
      list.sure = checked;
      this.changed();
    });
    into.replaceChildren(
      list.listed ? this.#count(list.listed.households, list.listed.people) : h("p", { class: "hint" }, t("people.counting")),
      h("p", { class: "hint" }, [t("form.list.rows", { n: n(rows.length) }), twice > 0 ? t("form.list.twice", { n: n(twice) }) : "", unplaced.length > 0 ? t("form.list.unplaced", { n: n(unplaced.length) }) : ""].filter(Boolean).join(" · ")),
      ...(lost.length > 0
        ? [
            h("p", { class: "found-fault" }, t("form.list.lost", { n: n(lost.length) })),
            h("div", { class: "list-lost", tabindex: 0, role: "region", "aria-label": t("form.list.lost", { n: n(lost.length) }) }, h("ul", { class: "rejects" }, ...lost.slice(0, FAULTS_SHOWN).map(({ row, text, fault }) => h("li", { "data-row": row }, t(`form.list.row.${fault}`, { row, text: text.slice(0, 40) }))), lost.length > FAULTS_SHOWN ? h("li", {}, t("form.list.others", { n: n(lost.length - FAULTS_SHOWN) })) : null)),
            ...(list.listed && list.listed.households > 0 ? [sure] : []),
          ]
        : []),
    );
  }
}
