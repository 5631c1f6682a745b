/** The place "Piani": the list, a new plan, one plan, the closed roads; and what of it the map shows. */
import { may, type Town } from "./api";
import { t } from "./i18n";
import type { Drawing } from "./map/drawing";
import { RunLayers } from "./map/runs";
import type { MapHandle } from "./map/view";
import type { People } from "./people";
import { fetchRoads, fetchScenarios, type Roads, type Scenario } from "./plans/api";
import { Board } from "./plans/board";
import { Form } from "./plans/form";
import { renderList } from "./plans/list";
import { ClosedRoads } from "./plans/roads";
import type { Room } from "./plans/room";
import { asks, type Store } from "./state";
import { h, one } from "./ui/dom";
import { problem } from "./ui/status";

export class Plans {
  readonly #room: Room;
  readonly #form: Form;
  readonly #board: Board;
  readonly #closed: ClosedRoads;
  #map: MapHandle | null = null;
  #drawing: Drawing | null = null;
  #layers: RunLayers | null = null;
  #roads: Roads | null = null;
  #scenarios: Scenario[] = [];
  #learnt = false;
  #shown = "";

  constructor(
    private readonly store: Store,
    private readonly town: Town,
    people: People,
  ) {
    this.#room = {
      store,
      town,
      people,
      map: () => this.#map,
      layers: () => this.#layers,
      drawing: () => this.#drawing,
      roads: () => this.#roads,
      scenarios: () => this.#scenarios,
      reread: () => this.#reread(),
      go: (desk) => this.go(desk),
    };
    this.#form = new Form(this.#room);
    this.#board = new Board(this.#room, () => one("plans-body"));
    this.#closed = new ClosedRoads(this.#room, () => one("plans-body"));
    store.on(["place", "desk"], () => this.show());
    store.on(["conditions", "written", "areas"], () => this.#quiet());
    addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented && store.now.place === "plans" && this.#board.busy) this.#board.choose(null);
    });
  }

  /** What a picture of the map says while a plan is open. */
  sheet(): ReturnType<Board["sheet"]> {
    return this.store.now.place === "plans" ? this.#board.sheet() : null;
  }

  get allowed(): boolean {
    return may(this.town, "plan");
  }

  mapReady(map: MapHandle, drawing: Drawing): void {
    this.#map = map;
    this.#drawing = drawing;
    this.#layers = new RunLayers(map.map, { chosen: (code) => this.#board.choose(code) });
    this.#quiet();
    this.#onMap();
  }

  go(desk: string): void {
    this.store.set({ place: "plans", desk });
    one("scroll").scrollTop = 0;
    (document.querySelector<HTMLElement>("#plans-body h2[tabindex], #plan-new, #form-name, #roads-new") ?? one("scroll")).focus();
  }

  /** Everything, in the language in use. */
  words(): void {
    this.#shown = "";
    this.show();
  }

  show(): void {
    const { place, desk } = this.store.now;
    this.#quiet();
    if (place !== "plans" || !this.allowed) {
      if (this.#shown !== "") this.#leave();
      return;
    }
    void this.#learn();
    if (this.#shown === desk) return;
    this.#leave();
    this.#shown = desk;
    one("place-plans").replaceChildren(this.#tabs(desk), h("div", { id: "plans-fault", role: "alert" }), h("div", { id: "plans-body" }));
    this.#body();
    this.#onMap();
  }

  #body(): void {
    const { desk } = this.store.now;
    if (desk === "list") void renderList(this.#room, one("plans-body"));
    else if (desk === "new") this.#form.render(one("plans-body"));
    else if (desk === "roads") this.#closed.render();
    else this.#board.open(desk);
  }

  #onMap(): void {
    const { place, desk } = this.store.now;
    if (place !== "plans") return;
    if (desk === "new") this.#form.opened();
    else if (desk === "roads") this.#closed.draw();
    else if (desk !== "list") this.#board.draw();
  }

  #leave(): void {
    this.#shown = "";
    this.#board.close();
    this.#closed.close();
    this.#layers?.depots([]);
    this.#layers?.reach([]);
  }

  /** Hexagons give way to runs; where people are chosen they stay. */
  #quiet(): void {
    const { place, desk } = this.store.now;
    this.#layers?.quiet(place === "plans" && !(desk === "new" && asks(this.store.now)));
  }

  #tabs(desk: string): HTMLElement {
    const tab = (name: string, label: string, open: boolean): HTMLElement => h("button", { type: "button", class: "desk", "data-desk": name, "aria-current": open ? "page" : null, onclick: () => this.#tab(name) }, label);
    return h("div", { class: "desks", role: "group", "aria-label": t("plans.title") }, tab("list", t("plans.title"), desk !== "roads"), tab("roads", t("roads.title"), desk === "roads"));
  }

  #tab(name: string): void {
    this.store.set({ desk: name });
    document.querySelector<HTMLElement>(`[data-desk="${name}"]`)?.focus();
  }

  /** Roads and scenarios are asked for once, when the place is first opened. */
  async #learn(): Promise<void> {
    if (this.#learnt) return;
    this.#learnt = true;
    try {
      [this.#roads, this.#scenarios] = await Promise.all([fetchRoads(), fetchScenarios()]);
      if (this.store.now.place !== "plans") return;
      this.#body();
      this.#onMap();
    } catch (cause) {
      this.#learnt = false;
      document.getElementById("plans-fault")?.replaceChildren(problem("error.roads.read", cause, () => void this.#learn()));
    }
  }

  async #reread(): Promise<void> {
    this.#scenarios = await fetchScenarios();
  }
}
