/** From where: depots pressed on the map or found by address, or points to be chosen among those of a layer. */
import type { LonLat } from "../ask/area";
import { roundedPlace } from "../ask/area";
import { t } from "../i18n";
import { others } from "../map/reference";
import { renderSearch } from "../panel/search";
import { h, icon } from "../ui/dom";
import { choiceBox, labelled, numberBox, segments, textBox } from "../ui/inputs";
import { announce, problem } from "../ui/status";
import { fetchReach, type Objective } from "./api";
import type { Draft } from "./order";
import type { Room } from "./room";

const BANDS_MIN = [5, 10, 15];

export class Whence {
  #into: HTMLElement | null = null;
  #reached: string | null = null;
  #next = 1;

  constructor(
    private readonly room: Room,
    private readonly draft: Draft,
    private readonly changed: () => void,
  ) {}

  render(into: HTMLElement): void {
    this.#into = into;
    const { draft } = this;
    into.replaceChildren(
      segments("whence", t("form.whence"), draft.where, [["depots", t("form.where.depots")], ["sites", t("form.where.sites")]], (value) => {
        draft.where = value as Draft["where"];
        this.#body();
        this.changed();
      }),
      h("div", { id: "whence-body" }),
    );
    this.#body();
  }

  /** Depots as they are, on the map. */
  drawn(): void {
    const { depots, where } = this.draft;
    this.room.layers()?.depots(where === "depots" ? depots : []);
  }

  #body(): void {
    const into = this.#into?.querySelector("#whence-body");
    this.drawn();
    into?.replaceChildren(...(this.draft.where === "depots" ? this.#depots() : this.#sites()));
    const search = into?.querySelector<HTMLElement>("#depot-search");
    if (search) renderSearch({ found: ({ lon, lat, label }) => lon !== null && lat !== null && this.#add([lon, lat], label), cleared: () => undefined }, search, "depot-", t("form.depot.address"));
  }

  #depots(): HTMLElement[] {
    const { draft } = this;
    const row = (i: number): HTMLElement => {
      const depot = draft.depots[i];
      if (!depot) return h("li", {});
      const letter = String.fromCharCode(65 + (i % 26));
      return h(
        "li",
        { class: "depot-row" },
        h("span", { class: "depot-letter", "aria-hidden": "true" }, letter),
        textBox(`depot-title-${i}`, depot.title, (value) => {
          depot.title = value;
          this.drawn();
        }, { maxlength: 60, "aria-label": t("form.depot.name", { letter }) }),
        h("button", { type: "button", class: "textual", "aria-pressed": String(this.#reached === depot.id), onclick: () => void this.#reach(depot.id, depot.at) }, t("form.depot.reach")),
        h("button", { type: "button", class: "step", "aria-label": t("form.remove", { title: depot.title }), onclick: () => this.#remove(i) }, icon("close")),
      );
    };
    return [
      h("ul", { class: "depot-rows" }, ...draft.depots.map((_, i) => row(i))),
      h("div", { class: "where-tools" }, h("button", { type: "button", class: "btn btn-outline-primary btn-xs", id: "depot-press", onclick: () => this.#press() }, icon("point"), t("form.depot.press")), h("button", { type: "button", class: "btn btn-outline-primary btn-xs", id: "depot-center", onclick: () => this.#center() }, t("form.depot.center"))),
      h("div", { id: "depot-search", class: "where-search" }),
      h("div", { id: "depot-said", role: "alert" }),
    ];
  }

  #add(at: LonLat, title: string | null = null): void {
    const { draft } = this;
    draft.depots.push({ id: `d${this.#next++}`, title: title ?? t("form.depot.n", { n: draft.depots.length + 1 }), at: roundedPlace(at) });
    this.#body();
    this.changed();
    announce(t("form.depot.added", { title: draft.depots.at(-1)?.title ?? "" }));
  }

  #press(): void {
    this.room.drawing()?.start("point", {
      done: (area) => {
        if (area?.shape.type === "circle") this.#add(area.shape.center);
        document.getElementById("depot-press")?.focus();
      },
    });
  }

  #center(): void {
    const center = this.room.map()?.map.getCenter();
    if (center) this.#add([center.lng, center.lat]);
    document.getElementById("depot-center")?.focus();
  }

  #remove(i: number): void {
    const [gone] = this.draft.depots.splice(i, 1);
    if (gone?.id === this.#reached) this.room.layers()?.reach([]);
    this.#body();
    this.changed();
    document.getElementById("depot-press")?.focus();
  }

  /** How far one comes in 5, 10, 15 minutes; a second press takes it away. */
  async #reach(id: string, at: LonLat): Promise<void> {
    const said = this.#into?.querySelector("#depot-said");
    said?.replaceChildren();
    this.#reached = this.#reached === id ? null : id;
    this.room.layers()?.reach([]);
    if (this.#reached) {
      try {
        this.room.layers()?.reach(await fetchReach(at, BANDS_MIN, this.draft.profile, this.draft.scenario));
        announce(t("form.depot.reached"));
      } catch (cause) {
        this.#reached = null;
        said?.replaceChildren(problem("error.reach", cause, null));
      }
    }
    for (const button of this.#into?.querySelectorAll(".depot-row .textual") ?? []) button.setAttribute("aria-pressed", "false");
    if (this.#reached) this.#into?.querySelectorAll(".depot-row .textual")[this.draft.depots.findIndex((depot) => depot.id === id)]?.setAttribute("aria-pressed", "true");
  }

  #sites(): HTMLElement[] {
    const { sites } = this.draft;
    const { lang } = this.room.store.now;
    const layers = others(this.room.town.layers);
    if (sites.layer === "") sites.layer = layers.find(({ geometry }) => geometry === "point")?.name ?? layers[0]?.name ?? "";
    const within = labelled(numberBox("site-within", sites.within, [1, 120], (value) => (sites.within = value)), t("form.site.within"));
    within.hidden = sites.objective !== "max-cover";
    return [
      h("p", { class: "hint" }, t("form.site.hint")),
      h(
        "div",
        { class: "form-grid" },
        labelled(numberBox("site-count", sites.count, [1, 50], (value) => (sites.count = Math.round(value))), t("form.site.count")),
        labelled(choiceBox("site-layer", sites.layer, layers.map(({ name, title, count }) => [name, `${title[lang]} (${count})`]), (value) => {
          sites.layer = value;
          this.changed();
        }), t("form.site.layer")),
        labelled(choiceBox("site-objective", sites.objective, (["p-median", "p-center", "max-cover"] as const).map((key) => [key, t(`objective.${key}`)]), (value) => {
          sites.objective = value as Objective;
          within.hidden = value !== "max-cover";
        }), t("form.site.objective"), "whole"),
        within,
      ),
    ];
  }
}
