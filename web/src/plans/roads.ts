/** "Strade chiuse": sets of closures with who, why, until when; drawn on the map or picked by the name of the street. */
import type { LineString, Polygon } from "geojson";
import { fetchAddresses } from "../api";
import { squareMetres, type Area } from "../ask/area";
import * as format from "../format";
import { t } from "../i18n";
import { surface } from "../panel/words";
import { h, icon, one } from "../ui/dom";
import { labelled, textBox, tickBox } from "../ui/inputs";
import { announce, problem } from "../ui/status";
import { saveScenario, withdrawScenario, type Closure, type Scenario, type ScenarioDraft } from "./api";
import { moment } from "./clock";
import { around, type Room } from "./room";

const WAIT_MS = 150;

const empty = (): ScenarioDraft => ({ name: "", why: "", expires: null, closures: [] });

/** Every position of the shapes of closures. */
const places = (closures: Closure[]): [number, number][] =>
  closures.flatMap((closure) => {
    if (closure.kind === "street") return [];
    const { geometry } = closure;
    return (geometry.type === "LineString" ? geometry.coordinates : geometry.type === "Polygon" ? geometry.coordinates.flat() : geometry.coordinates.flat(2)) as [number, number][];
  });

export class ClosedRoads {
  #editing: { before: Scenario | null; draft: ScenarioDraft } | null = null;
  #shown: string | null = null;
  #sure: string | null = null;
  #timer = 0;

  constructor(
    private readonly room: Room,
    private readonly into: () => HTMLElement,
  ) {}

  render(): void {
    if (this.#editing) this.#form(this.#editing.before, this.#editing.draft);
    else this.#list();
    this.draw();
  }

  /** What is being drawn, what was opened, or every closure in force: who opens this place sees what is closed. */
  draw(): void {
    const shown = this.room.scenarios().filter(({ id, expired }) => (this.#shown === null ? !expired : id === this.#shown));
    this.room.layers()?.closures(this.#editing?.draft.closures ?? shown.flatMap(({ closures }) => closures));
  }

  close(): void {
    this.room.layers()?.closures([]);
  }

  #list(): void {
    const { lang } = this.room.store.now;
    const scenarios = this.room.scenarios();
    const row = (scenario: Scenario): HTMLElement => {
      const shown = this.#shown === scenario.id;
      const closed = Math.max(0, ...Object.values(scenario.closed ?? {}).map(Number));
      const said = [t("roads.edges", { n: format.count(lang, closed) }), scenario.expires ? t(scenario.expired ? "roads.expired" : "roads.until", { time: moment(lang, scenario.expires) }) : t("roads.forever"), `${scenario.by}, ${moment(lang, scenario.at)}`].join(" · ");
      const show = (): void => {
        this.#shown = shown ? null : scenario.id;
        this.render();
        const box = shown ? null : around(places(scenario.closures));
        if (box) this.room.map()?.frame(box);
        document.querySelector<HTMLElement>(`[data-scenario="${scenario.id}"] .plan-row`)?.focus();
      };
      return h(
        "li",
        { "data-scenario": scenario.id },
        h("button", { type: "button", class: shown ? "plan-row chosen" : "plan-row", "aria-expanded": String(shown), onclick: show }, h("span", { class: "plan-name" }, scenario.name), scenario.expired ? h("span", { class: "badge", "data-state": "closed" }, t("roads.is.expired")) : null, h("span", { class: "plan-said" }, scenario.why), h("span", { class: "plan-said" }, said)),
        ...(shown ? [this.#ways(scenario)] : []),
      );
    };
    this.into().replaceChildren(
      h("div", { class: "list-head" }, h("h2", { class: "place-title" }, t("roads.title")), h("button", { type: "button", class: "btn btn-primary btn-sm", id: "roads-new", onclick: () => this.#edit(null) }, icon("closed"), t("roads.close"))),
      h("p", { class: "hint" }, t("roads.hint")),
      h("div", { id: "roads-said", role: "alert" }),
      scenarios.length === 0 ? h("p", { class: "empty" }, t("roads.empty")) : h("ul", { class: "plan-rows" }, ...scenarios.map(row)),
    );
  }

  #ways(scenario: Scenario): HTMLElement {
    const sure = this.#sure === scenario.id;
    const withdraw = async (): Promise<void> => {
      if (!sure) {
        this.#sure = scenario.id;
        this.#list();
        document.getElementById("roads-withdraw")?.focus();
        return;
      }
      try {
        await withdrawScenario(scenario);
        this.#sure = this.#shown = null;
        await this.room.reread();
        announce(t("roads.withdrawn", { name: scenario.name }));
        this.render();
        document.getElementById("roads-new")?.focus();
      } catch (cause) {
        one("roads-said").replaceChildren(problem("error.roads", cause, null));
      }
    };
    return h("div", { class: "run-ways" }, h("button", { type: "button", class: "btn btn-outline-primary btn-xs", id: "roads-edit", onclick: () => this.#edit(scenario) }, t("roads.edit")), h("button", { type: "button", class: sure ? "btn btn-danger btn-xs" : "btn btn-outline-primary btn-xs", id: "roads-withdraw", onclick: () => void withdraw() }, t(sure ? "roads.withdraw.sure" : "roads.withdraw")));
  }

  #edit(before: Scenario | null): void {
    const draft = before ? { name: before.name, why: before.why, expires: before.expires, closures: [...before.closures] } : empty();
    this.#editing = { before, draft };
    this.render();
    document.getElementById("roads-name")?.focus();
  }

  #leave(): void {
    this.#editing = null;
    this.render();
    document.getElementById("roads-new")?.focus();
  }

  #form(before: Scenario | null, draft: ScenarioDraft): void {
    const until = h("input", { type: "datetime-local", class: "form-control", id: "roads-until", value: draft.expires ? local(draft.expires) : "" });
    until.addEventListener("change", () => (draft.expires = until.value ? new Date(until.value).toISOString() : null));
    this.into().replaceChildren(
      h("button", { type: "button", class: "textual back", onclick: () => this.#leave() }, icon("back"), t("roads.title")),
      h("h2", { class: "place-title" }, before ? before.name : t("roads.close")),
      h(
        "form",
        { class: "plan-form", novalidate: true, onsubmit: (event) => void this.#save(event, before, draft) },
        labelled(textBox("roads-name", draft.name, (value) => (draft.name = value), { maxlength: 80, placeholder: t("roads.name.hint") }), t("roads.name")),
        labelled(textBox("roads-why", draft.why, (value) => (draft.why = value), { maxlength: 400, placeholder: t("roads.why.hint") }), t("roads.why")),
        labelled(until, t("roads.expires")),
        h("section", { class: "form-part" }, h("h3", { class: "over-title" }, t("roads.what")), h("div", { id: "roads-closures" })),
        h("div", { id: "roads-said", role: "alert" }),
        h("div", { class: "form-foot" }, h("button", { type: "button", class: "btn btn-outline-primary btn-sm", onclick: () => this.#leave() }, t("sign.cancel")), h("button", { type: "submit", class: "btn btn-primary btn-sm", id: "roads-save" }, t("roads.save"))),
      ),
    );
    this.#closures(draft);
  }

  #closures(draft: ScenarioDraft): void {
    const { lang } = this.room.store.now;
    const remove = (i: number): void => {
      draft.closures.splice(i, 1);
      this.#closures(draft);
      document.getElementById("roads-area")?.focus();
    };
    const row = (closure: Closure, i: number): HTMLElement => {
      const title = closure.kind === "street" ? closure.name : closure.kind === "area" ? t("roads.area.of", { size: surface(lang, squareMetres(closure.geometry)) }) : t("roads.line.of", { n: closure.geometry.coordinates.length });
      const bridges = closure.kind === "area" ? tickBox(`roads-bridges-${i}`, t("roads.bridges"), closure.bridges === "stand", (checked) => (draft.closures[i] = { ...closure, bridges: checked ? "stand" : "closed" })) : null;
      return h("li", { class: "class-row", "data-closure": closure.kind }, h("span", { class: "grow" }, title, bridges), h("button", { type: "button", class: "step", "aria-label": t("form.remove", { title }), onclick: () => remove(i) }, icon("close")));
    };
    const add = (closure: Closure, said: string): void => {
      draft.closures.push(closure);
      this.#closures(draft);
      announce(t("roads.added", { name: said }));
    };
    const draw = (tool: "polygon" | "line"): void => {
      const done = (area: Area | null): void => {
        if (area?.shape.type === "polygon") add({ kind: "area", geometry: area.shape.geometry as Polygon, bridges: "stand" }, t("roads.area"));
        if (area?.shape.type === "corridor") add({ kind: "line", geometry: area.shape.line as LineString }, t("roads.line"));
        document.getElementById(tool === "polygon" ? "roads-area" : "roads-line")?.focus();
      };
      this.room.drawing()?.start(tool, { done }, false);
    };
    one("roads-closures").replaceChildren(
      draft.closures.length === 0 ? h("p", { class: "hint" }, t("roads.nothing")) : h("ul", { class: "class-rows" }, ...draft.closures.map(row)),
      h("div", { class: "where-tools" }, h("button", { type: "button", class: "btn btn-outline-primary btn-xs", id: "roads-area", onclick: () => draw("polygon") }, icon("polygon"), t("roads.area")), h("button", { type: "button", class: "btn btn-outline-primary btn-xs", id: "roads-line", onclick: () => draw("line") }, icon("line"), t("roads.line"))),
      this.#street((name) => add({ kind: "street", name }, name)),
    );
    this.draw();
  }

  /** A street by its name: those that the civic register knows are offered, any other may be written. */
  #street(add: (name: string) => void): HTMLElement {
    const offers = h("datalist", { id: "roads-streets" });
    const box = h("input", { type: "text", class: "form-control", id: "roads-street", autocomplete: "off", list: "roads-streets", placeholder: t("roads.street.hint") });
    const take = (): void => {
      const name = box.value.trim();
      if (name.length < 3) return;
      add(name);
      document.getElementById("roads-street")?.focus();
    };
    box.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = window.setTimeout(async () => {
        if (box.value.trim().length < 2) return;
        const { items } = await fetchAddresses(box.value.trim()).catch(() => ({ items: [] }));
        offers.replaceChildren(...[...new Set(items.map(({ street }) => street).filter(Boolean))].map((street) => h("option", { value: street })));
      }, WAIT_MS);
    });
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      take();
    });
    return h("div", { class: "form-row street" }, labelled(box, t("roads.street"), "grow"), offers, h("button", { type: "button", class: "btn btn-outline-primary btn-xs", id: "roads-street-add", onclick: take }, t("roads.street.add")));
  }

  async #save(event: Event, before: Scenario | null, draft: ScenarioDraft): Promise<void> {
    event.preventDefault();
    const missing = draft.name.trim() === "" ? "roads-name" : draft.why.trim() === "" ? "roads-why" : draft.closures.length === 0 ? "roads-area" : null;
    if (missing) {
      one("roads-said").replaceChildren(h("p", { class: "found-fault" }, t(missing === "roads-area" ? "roads.nothing" : "roads.missing")));
      document.getElementById(missing)?.focus();
      return;
    }
    try {
      const saved = await saveScenario(draft, before);
      this.#editing = null;
      this.#shown = saved.id;
      await this.room.reread();
      announce(t("roads.saved", { name: saved.name }));
      this.render();
      document.querySelector<HTMLElement>(`[data-scenario="${saved.id}"] .plan-row`)?.focus();
    } catch (cause) {
      one("roads-said").replaceChildren(problem("error.roads", cause, null));
    }
  }
}

/** An instant as the box for day and time takes it: by the clock of who reads. */
function local(iso: string): string {
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
