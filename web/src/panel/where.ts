/** Where is asked: drawn, around an address, an area of a layer, the hexagon at hand, a file. All of it by keyboard too. */
import { get, type Town } from "../api";
import type { Asking } from "../ask/asking";
import type { Area, LonLat, Profile, Shape } from "../ask/area";
import { roundedPlace, roundedPolygon, sizeOf } from "../ask/area";
import { outline } from "../ask/cells";
import { FileFault, MAX_FILE_BYTES, shapeOf } from "../ask/file";
import { fetchReach } from "../plans/api";
import { t, type Key } from "../i18n";
import { others } from "../map/reference";
import type { Tool } from "../map/draw";
import type { Store } from "../state";
import { h, icon, one } from "../ui/dom";
import { announce, codeOf, problem } from "../ui/status";
import { renderSearch } from "./search";
import { areaName, surface } from "./words";
import type { MultiPolygon, Polygon } from "geojson";

const RADIUS_M = 500;
const PROFILES: Profile[] = ["car", "van", "foot", "emergency"];

export interface WhereEvents {
  draw(tool: Tool): void;
  /** The middle of what is seen. */
  center(): LonLat | null;
  /** An area came that the map should show whole. */
  shown(area: Area): void;
  pinned(lon: number, lat: number, label: string): void;
}

export class Where {
  #around: { name: string; at: LonLat } | null = null;

  constructor(
    private readonly store: Store,
    private readonly town: Town,
    private readonly asking: Asking,
    private readonly events: WhereEvents,
  ) {
    store.on(["areas"], () => this.chips());
    store.on(["selected"], () => this.#hexagon());
  }

  render(): void {
    const tool = (name: Exclude<Tool, "point">): HTMLElement => h("button", { type: "button", class: "btn btn-outline-primary btn-xs", "data-draw": name, "aria-label": t(`draw.${name}`), onclick: () => this.events.draw(name) }, icon(name), t(name === "circle" ? "where.round" : `where.${name}`));
    one("people-where").replaceChildren(
      h("h3", { class: "over-title" }, t("where.title")),
      h("div", { id: "where-chips" }),
      h("div", { class: "where-tools", role: "group", "aria-label": t("where.draw") }, tool("polygon"), tool("circle"), tool("line")),
      h("details", { class: "fold small" }, h("summary", {}, t("where.more")), this.#layers(), this.#address(), h("div", { class: "where-tools" }, h("button", { type: "button", class: "btn btn-outline-primary btn-xs", id: "where-hex", onclick: () => void this.#addHexagon() }, t("where.hex")), this.#file()), h("div", { id: "where-said", role: "alert" })),
    );
    this.#hexagon();
    this.chips();
  }

  chips(): void {
    const into = document.getElementById("where-chips");
    if (!into) return;
    const { areas, lang } = this.store.now;
    if (areas.length === 0) return into.replaceChildren(h("p", { class: "hint" }, t("where.whole")));
    const chip = (area: Area, i: number): HTMLElement => {
      const name = areaName(lang, area);
      const size = area.name && area.shape.type !== "circle" ? sizeOf(area) : null;
      return h("li", { class: "chip" }, h("span", { class: "chip-text" }, name, size ? ` · ${surface(lang, size)}` : ""), h("button", { type: "button", class: "chip-close", "aria-label": t("people.remove", { title: name }), title: t("people.remove", { title: name }), onclick: () => this.#remove(i) }, icon("close")));
    };
    into.replaceChildren(h("ul", { class: "chips", "aria-label": t("where.title") }, ...areas.map(chip)));
  }

  #remove(place: number): void {
    this.store.set({ areas: this.store.now.areas.filter((_, i) => i !== place) });
    announce(t("where.removed"));
    (document.querySelector<HTMLElement>("#where-chips .chip-close") ?? document.querySelector<HTMLElement>("[data-draw]"))?.focus();
  }

  /** Takes an area in; what was drawn is in sight already. */
  add(area: Area, show = true): void {
    this.store.set({ areas: [...this.store.now.areas, area] });
    announce(t("where.added", { name: areaName(this.store.now.lang, area) }));
    if (show) this.events.shown(area);
  }

  #say(what: Key | null, cause: unknown = null): void {
    document.getElementById("where-said")?.replaceChildren(...(what ? [cause === null ? h("p", { class: "found-fault" }, t(what)) : problem(what, cause, null)] : []));
  }

  #hexagon(): void {
    const button = document.getElementById("where-hex");
    if (button instanceof HTMLButtonElement) button.disabled = this.store.now.selected === null;
  }

  async #addHexagon(): Promise<void> {
    const { selected } = this.store.now;
    if (!selected) return;
    this.add({ shape: { type: "cells", ids: [selected] }, name: null, outline: await outline([selected]) });
  }

  #layers(): HTMLElement | null {
    const { lang } = this.store.now;
    const layers = others(this.town.layers).filter(({ geometry }) => geometry === "polygon");
    if (layers.length === 0) return null;
    const layer = h("select", { class: "form-select", id: "where-layer" }, h("option", { value: "" }, t("where.choose")), ...layers.map(({ name, title }) => h("option", { value: name }, title[lang])));
    const feature = h("select", { class: "form-select", id: "where-feature", disabled: true });
    const button = h("button", { type: "button", class: "btn btn-outline-primary btn-xs", id: "where-take", disabled: true, onclick: () => void this.#addFeature(layer.value, feature) }, t("where.take"));
    layer.addEventListener("change", () => void this.#features(layer.value, feature, button));
    return h("div", { class: "where-layer" }, h("div", {}, h("label", { for: "where-layer", class: "plain" }, t("where.layer")), layer), h("div", {}, h("label", { for: "where-feature", class: "plain" }, t("where.feature")), feature), button);
  }

  async #features(layer: string, select: HTMLSelectElement, button: HTMLButtonElement): Promise<void> {
    select.disabled = button.disabled = true;
    select.replaceChildren();
    if (layer === "") return;
    try {
      const { groups = [] } = await this.asking.wholes({ by: "layer", layer }, 2_000);
      const { lang } = this.store.now;
      const named = groups.filter(({ group }) => group !== null).map(({ group, title }) => ({ id: String(group), name: (typeof title === "string" ? title : title?.[lang]) ?? t("answer.area", { id: String(group) }) }));
      named.sort((a, b) => a.name.localeCompare(b.name, lang, { numeric: true }));
      select.replaceChildren(...named.map(({ id, name }) => h("option", { value: id }, name)));
      select.disabled = button.disabled = named.length === 0;
      this.#say(named.length === 0 ? "where.none" : null);
    } catch (cause) {
      this.#say("error.data", cause);
    }
  }

  async #addFeature(layer: string, select: HTMLSelectElement): Promise<void> {
    const name = select.selectedOptions[0]?.textContent ?? null;
    const id = Number(select.value);
    if (!Number.isFinite(id)) return;
    this.add({ shape: { type: "feature", layer, id }, name, outline: await featureOutline(layer, id) });
  }

  #address(): HTMLElement {
    const into = h("div", { class: "where-search" });
    const radius = h("input", { type: "number", class: "form-control number", id: "where-radius", min: 10, max: 20_000, step: 10, value: RADIUS_M });
    const add = (): void => {
      const at = this.#around?.at ?? this.events.center();
      const metres = Number(radius.value);
      if (!at || !(metres >= 10 && metres <= 20_000)) return this.#say("where.radius.bad");
      this.#say(null);
      this.add({ shape: { type: "circle", center: roundedPlace(at), radius_m: metres }, name: this.#around?.name ?? null, outline: null });
    };
    renderSearch(
      {
        found: ({ lon, lat, label }) => {
          if (lon === null || lat === null) return;
          this.#around = { name: label, at: [lon, lat] };
          this.events.pinned(lon, lat, label);
        },
        cleared: () => (this.#around = null),
      },
      into,
      "where-",
      t("where.around"),
    );
    return h("div", { class: "where-address" }, into, h("div", {}, h("label", { for: "where-radius", class: "plain" }, t("where.radius")), radius), h("button", { type: "button", class: "btn btn-outline-primary btn-xs", id: "where-circle", onclick: add }, t("where.circle")), ...this.#reach());
  }

  /** Where one comes from an address, or from the middle of the map, within some minutes. */
  #reach(): HTMLElement[] {
    const minutes = h("input", { type: "number", class: "form-control number", id: "where-minutes", min: 1, max: 60, value: 10 });
    const profile = h("select", { class: "form-select", id: "where-profile" }, ...PROFILES.map((key) => h("option", { value: key }, t(`profile.${key}`))));
    const add = async (): Promise<void> => {
      const at = this.#around?.at ?? this.events.center();
      const [within, by] = [Number(minutes.value), profile.value as Profile];
      if (!at || !(within >= 1 && within <= 60)) return minutes.focus();
      this.#say(null);
      const shape = { type: "isochrone" as const, from: roundedPlace(at), minutes: within, profile: by };
      try {
        const [band] = await fetchReach(shape.from, [within], by, null);
        if (band) this.add({ shape, name: this.#around?.name ?? null, outline: band.geometry });
      } catch (cause) {
        this.#say("error.reach", cause);
      }
    };
    return [
      h("p", { class: "plain-label where-search" }, t("where.reach")),
      h("div", {}, h("label", { for: "where-minutes", class: "plain" }, t("where.minutes")), minutes),
      h("div", {}, h("label", { for: "where-profile", class: "plain" }, t("form.profile")), profile),
      h("button", { type: "button", class: "btn btn-outline-primary btn-xs where-search", id: "where-reach", onclick: () => void add() }, t("where.reach.add")),
    ];
  }

  #file(): HTMLElement {
    const input = h("input", { type: "file", accept: ".geojson,.json,.kml,application/geo+json", class: "visually-hidden", id: "where-file" });
    input.addEventListener("change", () => {
      const [file] = input.files ?? [];
      if (file) void this.#load(file).finally(() => (input.value = ""));
    });
    return h("label", { class: "btn btn-outline-primary btn-xs file" }, input, t("where.file"));
  }

  async #load(file: File): Promise<void> {
    this.#say(null);
    try {
      if (file.size > MAX_FILE_BYTES) throw new FileFault("large");
      const geometry = roundedPolygon(shapeOf(await file.text()));
      this.add({ shape: { type: "polygon", geometry }, name: file.name.slice(0, 60), outline: null });
    } catch (cause) {
      if (cause instanceof FileFault) this.#say(`file.${cause.reason}`);
      else this.#say("file.unreadable", codeOf(cause));
    }
  }
}

/** The outline of an area of a layer; none where the server does not tell it. */
async function featureOutline(layer: string, id: number): Promise<Polygon | MultiPolygon | null> {
  try {
    const { geometry } = await get<{ geometry?: Polygon | MultiPolygon | null }>(`ogc/collections/${layer}/items/${id}`, { f: "json" });
    return geometry?.type === "Polygon" || geometry?.type === "MultiPolygon" ? geometry : null;
  } catch {
    return null;
  }
}

/** How far one comes, as the server works it out; none where it cannot. */
async function reachOutline(shape: Extract<Shape, { type: "isochrone" }>): Promise<Polygon | MultiPolygon | null> {
  const bands = await fetchReach(shape.from, [shape.minutes], shape.profile, shape.scenario ?? null).catch(() => []);
  return bands[0]?.geometry ?? null;
}

/** Outlines that an address of the page does not bear. */
export async function withOutlines(areas: Area[]): Promise<Area[]> {
  const whole = async (area: Area): Promise<Area> => {
    if (area.outline) return area;
    if (area.shape.type === "cells") return { ...area, outline: await outline(area.shape.ids) };
    if (area.shape.type === "isochrone") return { ...area, outline: await reachOutline(area.shape) };
    if (area.shape.type === "feature") return { ...area, outline: await featureOutline(area.shape.layer, area.shape.id) };
    return area;
  };
  return Promise.all(areas.map(whole));
}

