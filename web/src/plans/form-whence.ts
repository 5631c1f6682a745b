/** From where: depots pressed on the map or found by address, or points to be chosen among those of a layer. */
import type { LonLat } from "../ask/area";
import { roundedPlace } from "../ask/area";
import { t } from "../i18n";
import { others } from "../map/reference";
import { renderSearch } from "../panel/search";
import { h, icon } from "../ui/dom";
import { segments, textBox } from "../ui/inputs";
import { announce, problem } from "../ui/status";
import { fetchReach, type Depot } from "./api";
import { Candidates, fixedTick, sitesGrid } from "./form-sites";
import { candidatesOf, type Draft } from "./order";
import type { Room } from "./room";

const BANDS_MIN = [5, 10, 15];

export class Whence {
  #into: HTMLElement | null = null;
  #reached: string | null = null;
  #next = 1;
  #asked = false;
  readonly #candidates: Candidates;

  constructor(
    private readonly room: Room,
    private readonly draft: Draft,
    private readonly changed: () => void,
  ) {
    this.#candidates = new Candidates(draft, () => {
      this.drawn();
      this.changed();
    });
  }

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
    const { depots, where, sites } = this.draft;
    const layers = this.room.layers();
    layers?.depots(where === "depots" ? depots : candidatesOf(this.draft), where === "depots" ? null : sites.layer === "" ? null : sites.fixed);
  }

  /** The places that are set by hand: depots, or candidates. */
  get #places(): Depot[] {
    return this.draft.where === "depots" ? this.draft.depots : this.draft.sites.places;
  }

  #body(): void {
    const into = this.#into?.querySelector("#whence-body");
    this.drawn();
    into?.replaceChildren(...(this.draft.where === "depots" ? this.#depots() : this.#sites()));
    this.#search();
  }

  #search(): void {
    const search = this.#into?.querySelector<HTMLElement>("#depot-search");
    if (search) renderSearch({ found: ({ lon, lat, label }) => lon !== null && lat !== null && this.#add([lon, lat], label), cleared: () => undefined }, search, "depot-", t("form.depot.address"));
  }

  #depots(): HTMLElement[] {
    const choosing = this.draft.where === "sites";
    const row = (depot: Depot, i: number): HTMLElement => {
      const letter = String.fromCharCode(65 + (i % 26));
      return h(
        "li",
        { class: "depot-row" },
        h("span", { class: "depot-letter", "aria-hidden": "true" }, letter),
        textBox(`depot-title-${i}`, depot.title, (value) => {
          depot.title = value;
          this.drawn();
          this.changed();
        }, { maxlength: 60, "aria-label": t("form.depot.name", { letter }) }),
        choosing ? fixedTick(this.draft, depot, i, this.changed) : h("button", { type: "button", class: "textual", "data-reach": depot.id, "aria-pressed": String(this.#reached === depot.id), onclick: () => void this.#reach(depot.id, depot.at) }, t("form.depot.reach")),
        h("button", { type: "button", class: "step", "aria-label": t("form.remove", { title: depot.title }), onclick: () => this.#remove(i) }, icon("close")),
      );
    };
    return [
      h("ul", { class: "depot-rows" }, ...this.#places.map(row)),
      h("div", { class: "where-tools" }, h("button", { type: "button", class: "btn btn-outline-primary btn-xs", id: "depot-press", onclick: () => this.#press() }, icon("point"), t("form.depot.press")), h("button", { type: "button", class: "btn btn-outline-primary btn-xs", id: "depot-center", onclick: () => this.#center() }, t("form.depot.center"))),
      h("div", { id: "depot-search", class: "where-search" }),
      h("div", { id: "depot-said", role: "alert" }),
    ];
  }

  #add(at: LonLat, title: string | null = null): void {
    const places = this.#places;
    const word = this.draft.where === "sites" ? "form.site.n" : "form.depot.n";
    places.push({ id: `d${this.#next++}`, title: title ?? t(word, { n: places.length + 1 }), at: roundedPlace(at) });
    this.#body();
    this.changed();
    announce(t("form.depot.added", { title: places.at(-1)?.title ?? "" }));
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
    const [gone] = this.#places.splice(i, 1);
    this.draft.sites.fixed = this.draft.sites.fixed.filter((id) => id !== gone?.id);
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
    for (const button of this.#into?.querySelectorAll("[data-reach]") ?? []) button.setAttribute("aria-pressed", String(button.getAttribute("data-reach") === this.#reached));
  }

  /** Among the features of a layer, or among places that are set by hand as depots are. */
  #sites(): HTMLElement[] {
    const { sites } = this.draft;
    const layers = others(this.room.town.layers);
    if (!this.#asked) sites.layer = layers.find(({ geometry }) => geometry === "point")?.name ?? "";
    this.#asked = true;
    const among = h("div", { id: "site-among" });
    const fill = (): void => {
      if (sites.layer === "") among.replaceChildren(...this.#depots());
      else void this.#candidates.show(among);
      this.#search();
      this.drawn();
      this.changed();
    };
    const grid = sitesGrid(this.room, this.draft, fill, this.changed);
    if (sites.layer === "") among.replaceChildren(...this.#depots());
    else void this.#candidates.show(among);
    return [h("p", { class: "hint" }, t("form.site.hint")), grid, among];
  }
}
