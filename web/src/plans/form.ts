/** "Nuovo piano": who, with what, from where, by whom. Everything has a default but the place from where. */
import * as format from "../format";
import { t, type Key } from "../i18n";
import { h, icon, one } from "../ui/dom";
import { choiceBox, labelled, numberBox, textBox, timeBox } from "../ui/inputs";
import { announce, problem } from "../ui/status";
import { makePlan, type Fair, type Profile } from "./api";
import { dayAfter } from "./clock";
import { crewsPart } from "./form-crews";
import { kitsPart } from "./form-kits";
import { Rules } from "./form-rules";
import { Whence } from "./form-whence";
import { Who } from "./form-who";
import { begun, candidatesOf, firstClasses, orderOf, placesOf, restless, unmet, unwritten, type Draft } from "./order";
import type { Room } from "./room";

type Missing = [Key, HTMLElement | null] | null;

export class Form {
  readonly draft: Draft;
  readonly #who: Who;
  readonly #whence: Whence;
  readonly #rules: Rules;
  #lines: () => void = () => undefined;
  #places = "";
  #named = false;
  #classes = false;

  constructor(private readonly room: Room) {
    const day = dayAfter(new Date());
    this.draft = begun(day, "", t("form.kit"));
    this.#who = new Who(room, this.draft, () => this.#counted());
    this.#whence = new Whence(room, this.draft, () => this.#placed());
    this.#rules = new Rules(this.draft, room.store, () => this.#ready());
    room.store.on(["found", "fields", "conditions", "areas", "written"], () => this.follow());
  }

  /** Those who are asked for follow the place "Persone". */
  follow(): void {
    if (this.room.store.now.place !== "plans" || this.room.store.now.desk !== "new") return;
    this.#first();
    if (document.getElementById("form-who")) this.#who.follow();
    const rules = document.getElementById("form-priority");
    if (rules && rules.childElementCount === 0) this.#ruled();
    this.#counted();
  }

  /** As many units as households, where nobody says how many. */
  #counted(): void {
    for (const box of document.querySelectorAll<HTMLInputElement>("[data-units]")) box.placeholder = format.count(this.room.store.now.lang, this.#who.households);
    this.#ready();
  }

  /** Depots came, went or are called otherwise: stock and crews name them. */
  #placed(): void {
    const places = JSON.stringify(placesOf(this.draft).map(({ id, title }) => [id, title]));
    if (places !== this.#places && document.getElementById("form-what")) {
      this.#places = places;
      this.#stock();
      this.#lines();
    }
    this.#ready();
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
        this.#section("form.who", h("div", { id: "form-who" })),
        this.#section("form.what", h("div", { id: "form-what" })),
        this.#section("form.whence", h("div", { id: "form-whence" })),
        this.#section("form.crews", h("div", { id: "form-crews" })),
        this.#closed(),
        h("details", { class: "fold" }, h("summary", {}, t("form.more")), this.#when(), h("div", { id: "form-priority" }), h("div", { id: "form-needs" })),
        h("div", { id: "form-fault", role: "alert" }),
        h("div", { class: "form-foot" }, h("p", { id: "form-missing", class: "hint" }), h("button", { type: "submit", class: "btn btn-primary", id: "form-go" }, icon("truck"), t("form.go"))),
      ),
    );
    this.#who.render(one("form-who"));
    this.#stock();
    this.#whence.render(one("form-whence"));
    this.#crews();
    this.#ruled();
    this.#ready();
  }

  #section(title: Parameters<typeof t>[0], body: HTMLElement): HTMLElement {
    return h("section", { class: "form-part" }, h("h3", { class: "over-title" }, t(title)), body);
  }

  #stock(): void {
    kitsPart(one("form-what"), this.draft, this.#who.households, this.room.store.now.lang, () => this.#ready());
  }

  #crews(): void {
    const profiles = this.room.roads()?.profiles ?? ["van"];
    this.#lines = crewsPart(one("form-crews"), this.draft, profiles, () => this.#ready(), (done) => this.room.drawing()?.start("point", { done: (area) => done(area?.shape.type === "circle" ? area.shape.center : null) }));
  }

  #ruled(): void {
    this.#rules.render(one("form-priority"), one("form-needs"));
  }

  /** In a flood nobody looks for this in a fold: where roads are closed, it is asked. */
  #closed(): HTMLElement | null {
    const { draft } = this;
    const open = this.room.scenarios().filter(({ expired }) => !expired);
    if (open.length === 0) return null;
    const choice = choiceBox("form-scenario", draft.scenario ?? "", [["", t("form.scenario.none")], ...open.map(({ id, name }) => [id, name] as [string, string])], (value) => (draft.scenario = value || null));
    return h("section", { class: "form-part" }, labelled(choice, t("form.scenario")));
  }

  /** When households may be visited; none: at any time. */
  #windows(): HTMLElement[] {
    const { windows } = this.draft;
    const again = (focus: string): void => {
      one("form-windows").replaceChildren(...this.#windows());
      document.getElementById(focus)?.focus();
    };
    const row = (i: number): HTMLElement => {
      const [from, to] = windows[i] ?? ["", ""];
      const set = (at: 0 | 1) => (value: string): void => {
        const window = windows[i];
        if (window) window[at] = value;
      };
      const gone = (): void => {
        windows.splice(i, 1);
        again("form-window-add");
      };
      return h("div", { class: "form-row" }, timeBox(`form-window-from-${i}`, from, set(0), t("form.window.from")), h("span", { "aria-hidden": "true" }, "–"), timeBox(`form-window-to-${i}`, to, set(1), t("form.window.to")), h("button", { type: "button", class: "step", "aria-label": t("form.remove", { title: `${from}–${to}` }), onclick: gone }, icon("close")));
    };
    const add = (): void => {
      windows.push(windows.length === 0 ? ["08:00", "20:00"] : ["15:00", "19:00"]);
      again(`form-window-from-${windows.length - 1}`);
    };
    return [
      h("p", { class: "plain-label" }, t("form.windowed")),
      ...windows.map((_, i) => row(i)),
      h("button", { type: "button", class: "textual", id: "form-window-add", onclick: add }, t(windows.length === 0 ? "form.window.first" : "form.window.add")),
    ];
  }

  #when(): HTMLElement {
    const { draft } = this;
    const { lang } = this.room.store.now;
    const day = h("input", { type: "date", class: "form-control", id: "form-day", value: draft.day });
    day.addEventListener("change", () => day.value && (draft.day = day.value));
    const profiles = this.room.roads()?.profiles ?? ["van"];
    const fair: Fair[] = ["none", "time", "stops"];
    return h(
      "div",
      { class: "form-grid" },
      labelled(day, t("form.day")),
      labelled(numberBox("form-service", draft.service, [0, 240], (value) => (draft.service = value), 0.5), t("form.service")),
      labelled(choiceBox("form-profile", draft.profile, profiles.map((key) => [key, t(`profile.${key}`)]), (value) => (draft.profile = value as Profile)), t("form.profile")),
      labelled(choiceBox("form-fair", draft.fair, fair.map((key) => [key, t(`fair.${key}`)]), (value) => (draft.fair = value as Fair)), t("form.fair")),
      labelled(choiceBox("form-effort", String(draft.effort), [5, 10, 30, 60].map((s) => [String(s), t("form.effort.s", { n: format.count(lang, s) })]), (value) => (draft.effort = Number(value))), t("form.effort")),
      labelled(textBox("form-purpose", draft.purpose, (value) => (draft.purpose = value), { maxlength: 200, placeholder: t("form.purpose.hint") }), t("form.purpose"), "whole"),
      h("div", { class: "whole", id: "form-windows" }, ...this.#windows()),
    );
  }

  /** What is missing, and where it is mended. */
  #missing(): Missing {
    const { draft } = this;
    const { sites } = draft;
    const at = (id: string): HTMLElement | null => document.getElementById(id);
    const candidates = candidatesOf(draft).length;
    if (this.room.roads()?.imported === false) return ["form.missing.roads", null];
    if (this.#who.missing) return [this.#who.missing, this.#who.remedy];
    if (unwritten(draft)) return ["form.missing.rule", document.querySelector<HTMLElement>("#plan-form .rule:placeholder-shown")];
    if (draft.where === "depots") return draft.depots.length === 0 ? ["form.missing.depot", at("depot-press")] : null;
    if (sites.layer === "" && candidates < Math.max(1, sites.count)) return ["form.missing.places", at("depot-press")];
    return sites.fixed.length > sites.count ? ["form.missing.fixed", at("site-count")] : null;
  }

  /** Says what is missing; the button is there all the same and leads to it. What only costs is said too. */
  #ready(): Missing {
    const missing = this.#missing();
    const said = document.getElementById("form-missing");
    const lacking = unmet(this.draft);
    const words = missing ? t(missing[0], { n: this.draft.sites.count }) : restless(this.draft) ? t("form.restless") : lacking.length > 0 ? t("form.unmet", { skills: lacking.join(", ") }) : "";
    if (said && said.textContent !== words) said.textContent = words;
    return missing;
  }

  async #submit(event: Event): Promise<void> {
    event.preventDefault();
    const fault = one("form-fault");
    fault.replaceChildren();
    const missing = this.#ready();
    const wrong = document.querySelector<HTMLElement>("#plan-form [aria-invalid]");
    if (missing || wrong) {
      announce(missing ? t(missing[0], { n: this.draft.sites.count }) : t("form.wrong"));
      (wrong ?? missing?.[1])?.focus();
      return;
    }
    const go = one("form-go") as HTMLButtonElement;
    go.disabled = true;
    try {
      const { id } = await makePlan(orderOf(this.draft, this.#who.asked(), (n) => t("form.crew.n", { n })));
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
