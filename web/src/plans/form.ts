/** "Nuovo piano": who, with what, from where, by whom. Everything has a default but the place from where. */
import { filterIn } from "../state";
import { together } from "../ask/area";
import * as format from "../format";
import { t } from "../i18n";
import { plural } from "../i18n/plural";
import { h, icon, one } from "../ui/dom";
import { choiceBox, labelled, numberBox, segments, textBox, tickBox, timeBox } from "../ui/inputs";
import { announce, problem } from "../ui/status";
import { makePlan, type Fair, type Profile } from "./api";
import { dayAfter } from "./clock";
import { crewsPart } from "./form-crews";
import { rulesPart } from "./form-rules";
import { Whence } from "./form-whence";
import { begun, firstClasses, orderOf, type Draft, type StockRow } from "./order";
import type { Room } from "./room";

export class Form {
  readonly draft: Draft;
  readonly #whence: Whence;
  #named = false;
  #classes = false;

  constructor(private readonly room: Room) {
    const day = dayAfter(new Date());
    this.draft = begun(day, "", t("form.kit"));
    this.#whence = new Whence(room, this.draft, () => this.#ready());
    room.store.on(["found", "fields", "conditions", "areas", "written"], () => this.follow());
  }

  /** Those who are asked for follow the place "Persone". */
  follow(): void {
    if (this.room.store.now.place !== "plans" || this.room.store.now.desk !== "new") return;
    this.#first();
    const into = document.getElementById("form-who");
    if (into) into.replaceChildren(...this.#who());
    const rules = document.getElementById("form-priority");
    if (rules && rules.childElementCount === 0) this.#rules();
    for (const box of document.querySelectorAll<HTMLInputElement>("[data-units]")) box.placeholder = format.count(this.room.store.now.lang, this.#households());
  }

  /** Called where the form is opened anew: depots are on the map. */
  opened(): void {
    this.#whence.drawn();
    const { store, town } = this.room;
    if (store.now.found === null && town.households > 0) void this.room.people.open();
  }

  #first(): void {
    const { fields, lang } = this.room.store.now;
    if (this.#classes || !fields) return;
    this.#classes = true;
    this.draft.priority = firstClasses(fields.fields, lang);
  }

  render(into: HTMLElement): void {
    const { draft } = this;
    this.#first();
    if (!this.#named) draft.name = t("form.name.default", { date: format.date(draft.day) });
    const name = textBox("form-name", draft.name, (value) => {
      this.#named = true;
      draft.name = value;
    }, { maxlength: 80 });
    into.replaceChildren(
      h(
        "form",
        { id: "plan-form", class: "plan-form", novalidate: true, onsubmit: (event) => void this.#submit(event) },
        h("h2", { class: "place-title" }, t("form.title")),
        labelled(name, t("form.name")),
        this.#section("form.who", h("div", { id: "form-who" }, ...this.#who())),
        this.#section("form.what", h("div", { id: "form-what" })),
        this.#section("form.whence", h("div", { id: "form-whence" })),
        this.#section("form.crews", h("div", { id: "form-crews" })),
        h("details", { class: "fold" }, h("summary", {}, t("form.more")), this.#when(), h("div", { id: "form-priority" }), h("div", { id: "form-needs" })),
        h("div", { id: "form-fault", role: "alert" }),
        h("div", { class: "form-foot" }, h("p", { id: "form-missing", class: "hint" }), h("button", { type: "submit", class: "btn btn-primary", id: "form-go" }, icon("truck"), t("form.go"))),
      ),
    );
    this.#stock();
    this.#whence.render(one("form-whence"));
    this.#crews();
    this.#rules();
    this.#ready();
  }

  #section(title: Parameters<typeof t>[0], body: HTMLElement): HTMLElement {
    return h("section", { class: "form-part" }, h("h3", { class: "over-title" }, t(title)), body);
  }

  #households(): number {
    const { found } = this.room.store.now;
    return found?.households ?? this.room.town.households;
  }

  #who(): HTMLElement[] {
    const { lang, found } = this.room.store.now;
    const sentence = this.room.people.sentence();
    const people = found?.people ?? (sentence === "" ? this.room.town.people : null);
    return [
      h("p", { class: "form-count", "data-households": this.#households() }, h("strong", {}, plural(lang, "households", this.#households())), people === null ? "" : ` · ${plural(lang, "people", people)}`),
      h("p", { class: sentence === "" ? "found-note" : "hint" }, sentence === "" ? t("form.who.all") : sentence),
      h("button", { type: "button", class: "btn btn-outline-primary btn-xs", id: "form-people", onclick: () => this.#choosePeople() }, icon("people"), t("form.who.choose")),
    ];
  }

  #choosePeople(): void {
    this.room.store.set({ place: "people" });
    (document.getElementById("add-condition") ?? document.querySelector<HTMLElement>('#places [data-place="people"]'))?.focus();
  }

  #stock(focus: string | null = null): void {
    const { draft } = this;
    const { lang } = this.room.store.now;
    const row = (kit: StockRow, i: number): HTMLElement => {
      const units = h("input", { type: "number", class: "form-control number", id: `kit-units-${i}`, min: 0, max: 1_000_000, value: kit.units ?? "", placeholder: format.count(lang, this.#households()), "data-units": i });
      units.addEventListener("input", () => (kit.units = units.value === "" ? null : Math.max(0, Math.round(Number(units.value)))));
      const members = (key: "from" | "to"): HTMLElement => {
        const box = h("input", { type: "number", class: "form-control number", min: 1, max: 99, value: kit[key] ?? "", "aria-label": t(`form.kit.${key}`), placeholder: t(`range.${key}`) });
        box.addEventListener("input", () => (kit[key] = box.value === "" ? null : Math.max(1, Math.round(Number(box.value)))));
        return box;
      };
      const expires = h("input", { type: "date", class: "form-control", id: `kit-expires-${i}`, value: kit.expires ?? "" });
      expires.addEventListener("change", () => (kit.expires = expires.value || null));
      const gone = (): void => {
        draft.stock.splice(i, 1);
        this.#stock("#kit-add");
      };
      return h(
        "div",
        { class: "kit", role: "group", "aria-label": kit.title },
        labelled(textBox(`kit-title-${i}`, kit.title, (value) => (kit.title = value), { maxlength: 60 }), t("form.kit.title"), "grow"),
        labelled(units, t("form.kit.units"), "short"),
        draft.stock.length > 1 ? h("button", { type: "button", class: "round", "aria-label": t("form.remove", { title: kit.title }), onclick: gone }, icon("close")) : null,
        h("details", { class: "fold small whole" }, h("summary", {}, t("form.kit.more")), h("div", { class: "form-row" }, h("span", { class: "plain-label" }, t("form.kit.members")), members("from"), members("to")), labelled(textBox(`kit-needs-${i}`, kit.needs, (value) => (kit.needs = value), { placeholder: "cold-chain" }), t("form.kit.needs")), labelled(expires, t("form.kit.expires"))),
      );
    };
    const add = (): void => {
      draft.stock.push({ title: t("form.kit.another", { n: draft.stock.length + 1 }), units: null, from: null, to: null, expires: null, needs: "" });
      this.#stock(`#kit-title-${draft.stock.length - 1}`);
    };
    one("form-what").replaceChildren(
      ...draft.stock.map(row),
      h("div", { class: "form-row" }, h("button", { type: "button", class: "textual", id: "kit-add", onclick: add }, t("form.kit.add")), h("span", { class: "push" }), segments("kit-per", t("form.kit.per"), draft.per, [["household", t("form.per.household")], ["member", t("form.per.member")]], (value) => (draft.per = value as Draft["per"]))),
    );
    if (focus) document.querySelector<HTMLElement>(focus)?.focus();
  }

  #crews(): void {
    crewsPart(one("form-crews"), this.draft, (done) => this.room.drawing()?.start("point", { done: (area) => done(area?.shape.type === "circle" ? area.shape.center : null) }));
  }

  #rules(): void {
    rulesPart(one("form-priority"), one("form-needs"), this.draft, this.room.store);
  }

  #when(): HTMLElement {
    const { draft } = this;
    const { lang } = this.room.store.now;
    const day = h("input", { type: "date", class: "form-control", id: "form-day", value: draft.day });
    day.addEventListener("change", () => day.value && (draft.day = day.value));
    const open = this.room.scenarios().filter(({ expired }) => !expired);
    const profiles = this.room.roads()?.profiles ?? ["van"];
    const fair: Fair[] = ["none", "time", "stops"];
    const times = h("div", { class: "form-row" }, timeBox("form-window-from", draft.windowFrom, (value) => (draft.windowFrom = value), t("form.window.from")), h("span", { "aria-hidden": "true" }, "–"), timeBox("form-window-to", draft.windowTo, (value) => (draft.windowTo = value), t("form.window.to")));
    times.hidden = !draft.windowed;
    return h(
      "div",
      { class: "form-grid" },
      labelled(day, t("form.day")),
      labelled(numberBox("form-service", draft.service, [0, 240], (value) => (draft.service = value), 0.5), t("form.service")),
      labelled(choiceBox("form-scenario", draft.scenario ?? "", [["", t("form.scenario.none")], ...open.map(({ id, name }) => [id, name] as [string, string])], (value) => (draft.scenario = value || null)), t("form.scenario"), "whole"),
      labelled(choiceBox("form-profile", draft.profile, profiles.map((key) => [key, t(`profile.${key}`)]), (value) => (draft.profile = value as Profile)), t("form.profile")),
      labelled(choiceBox("form-fair", draft.fair, fair.map((key) => [key, t(`fair.${key}`)]), (value) => (draft.fair = value as Fair)), t("form.fair")),
      labelled(choiceBox("form-effort", String(draft.effort), [5, 10, 30, 60].map((s) => [String(s), t("form.effort.s", { n: format.count(lang, s) })]), (value) => (draft.effort = Number(value))), t("form.effort")),
      labelled(textBox("form-purpose", draft.purpose, (value) => (draft.purpose = value), { maxlength: 200, placeholder: t("form.purpose.hint") }), t("form.purpose"), "whole"),
      h("div", { class: "whole" }, tickBox("form-windowed", t("form.windowed"), draft.windowed, (checked) => {
        draft.windowed = checked;
        times.hidden = !checked;
      }), times),
    );
  }

  /** Says what is missing; the button is there all the same and leads to it. */
  #ready(): string | null {
    const { draft } = this;
    const roads = this.room.roads();
    const missing = roads?.imported === false ? "form.missing.roads" : draft.where === "depots" && draft.depots.length === 0 ? "form.missing.depot" : draft.where === "sites" && draft.sites.layer === "" ? "form.missing.layer" : null;
    const said = document.getElementById("form-missing");
    if (said) said.textContent = missing ? t(missing) : "";
    return missing;
  }

  async #submit(event: Event): Promise<void> {
    event.preventDefault();
    const { store } = this.room;
    const fault = one("form-fault");
    fault.replaceChildren();
    const missing = this.#ready();
    const wrong = document.querySelector<HTMLElement>("#plan-form [aria-invalid]");
    if (missing || wrong) {
      announce(missing ? t(missing as "form.missing.depot") : t("form.wrong"));
      (wrong ?? document.getElementById("depot-press") ?? document.getElementById("site-layer"))?.focus();
      return;
    }
    const go = one("form-go") as HTMLButtonElement;
    go.disabled = true;
    try {
      const asked = { filter: filterIn(store.now), area: together(store.now.areas), units: this.#households() };
      const { id } = await makePlan(orderOf(this.draft, asked, (n) => t("form.crew.n", { n })));
      announce(t("form.sent"));
      this.room.go(id);
    } catch (cause) {
      fault.replaceChildren(problem("error.plan.make", cause, null));
      fault.scrollIntoView({ block: "nearest" });
    } finally {
      go.disabled = false;
    }
  }
}
