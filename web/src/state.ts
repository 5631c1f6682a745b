/** What is on the screen: one object, its listeners, and its shareable form in the address bar. */
import type { HexCard, Lang, Legend } from "./api";
import type { Count, Fields } from "./ask/api";
import { readAreas, write as writeAreas, type Area } from "./ask/area";
import { filterOf, type Condition } from "./ask/condition";

export type Place = "map" | "people" | "plans" | "data";

/** What the map colours of those found: how many, how many of all, or each household. */
export type Measure = "n" | "share" | "points";

export interface View {
  lon: number;
  lat: number;
  zoom: number;
}

export interface Fault {
  message: string;
  code: string;
  status: number;
  position: number | null;
  parameter: string | null;
}

/** Half-open, as the classes of the legend are. */
export interface Range {
  from: number;
  to: number;
}

export interface State {
  lang: Lang;
  place: Place;
  /** What lies open in the place "Piani": `list`, `new`, `roads`, or the id of a plan. */
  desk: string;
  property: string;
  /** The H3 resolution that the map shows; null until the first tiles are here. */
  resolution: number | null;
  view: View | null;
  selected: string | null;
  /** The resolution at which `selected` was chosen: a joined cell bears its parent's name. */
  selectedResolution: number | null;
  /** Other layers of the town that are shown. */
  layers: string[];
  highlight: Range | null;
  /** What is asked of the households, as the controls have it. */
  conditions: Condition[];
  /** The same written by hand in CQL2, where it says more than the controls can. */
  written: string | null;
  areas: Area[];
  /** Whether the map shows those found or all. */
  show: "found" | "all";
  measure: Measure;
  found: Count | null;
  /** The question that was answered: what the map may show, since the server understood it. */
  answered: { filter: string; areas: Area[] } | null;
  /** Those found in the selected hexagon. */
  here: { id: string; households: number } | null;
  fields: Fields | null;
  /** Why the question was not answered, and where in the filter the fault is. */
  fault: Fault | null;
  legend: Legend | null;
  card: HexCard | null;
  failure: string | null;
}

type Listener = (state: Readonly<State>) => void;

export class Store {
  #state: State;
  #listeners: { keys: (keyof State)[]; run: Listener }[] = [];

  constructor(initial: State) {
    this.#state = initial;
  }

  get now(): Readonly<State> {
    return this.#state;
  }

  set(change: Partial<State>): void {
    const changed = (Object.keys(change) as (keyof State)[]).filter((key) => this.#state[key] !== change[key]);
    if (changed.length === 0) return;
    this.#state = { ...this.#state, ...change };
    for (const { keys, run } of this.#listeners) if (keys.some((key) => changed.includes(key))) run(this.#state);
  }

  /** Runs after any of `keys` changed. */
  on(keys: (keyof State)[], run: Listener): void {
    this.#listeners.push({ keys, run });
  }
}

export const initial: State = {
  lang: "it",
  place: "map",
  desk: "list",
  property: "fragility",
  resolution: null,
  view: null,
  selected: null,
  selectedResolution: null,
  layers: [],
  highlight: null,
  conditions: [],
  written: null,
  areas: [],
  show: "found",
  measure: "n",
  found: null,
  answered: null,
  here: null,
  fields: null,
  fault: null,
  legend: null,
  card: null,
  failure: null,
};

/** The filter in use, in CQL2. */
export const filterIn = ({ written, conditions }: Readonly<State>): string => written ?? filterOf(conditions);

/** Whether anything is asked. */
export const asks = (state: Readonly<State>): boolean => filterIn(state) !== "" || state.areas.length > 0;

const number = (text: string | null): number | null => {
  const value = Number(text);
  return text === null || text === "" || !Number.isFinite(value) ? null : value;
};

/** Reads the part after `#`; what is missing or broken is left out. */
export function readHash(hash: string): Partial<State> {
  const said = new URLSearchParams(hash.replace(/^#/, ""));
  const found: Partial<State> = {};
  const lang = said.get("lang");
  if (lang === "it" || lang === "en") found.lang = lang;
  const property = said.get("indicator");
  if (property) found.property = property;
  const [lon, lat, zoom] = (said.get("view") ?? "").split(",").map(number);
  if (lon != null && lat != null && zoom != null && Math.abs(lat) < 85) found.view = { lon, lat, zoom };
  const resolution = number(said.get("resolution"));
  if (resolution !== null) found.resolution = resolution;
  const [selected, level] = (said.get("hex") ?? "").split("@");
  if (selected && /^[0-9a-f]{15}$/.test(selected)) {
    found.selected = selected;
    found.selectedResolution = number(level ?? null);
  }
  const layers = (said.get("layers") ?? "").split(",").filter((name) => /^\w+$/.test(name));
  if (layers.length > 0) found.layers = layers;
  const place = said.get("place");
  if (place === "data" || place === "people" || place === "plans") found.place = place;
  const desk = said.get("plan");
  if (desk && /^[\w-]{1,40}$/.test(desk)) found.desk = desk;
  // As a text at first: its conditions are read when it is known which fields there are.
  const filter = said.get("filter");
  if (filter) found.written = filter;
  const areas = said.get("area");
  if (areas) found.areas = readAreas(areas);
  if (said.get("show") === "all") found.show = "all";
  const measure = said.get("measure");
  if (measure === "share" || measure === "points") found.measure = measure;
  return found;
}

/** The same, for another pair of eyes. */
export function writeHash(state: Readonly<State>): string {
  const said: string[] = [`indicator=${encodeURIComponent(state.property)}`];
  if (state.view) said.push(`view=${state.view.lon.toFixed(5)},${state.view.lat.toFixed(5)},${state.view.zoom.toFixed(2)}`);
  if (state.resolution !== null) said.push(`resolution=${state.resolution}`);
  if (state.selected) said.push(`hex=${state.selected}${state.selectedResolution === null ? "" : `@${state.selectedResolution}`}`);
  if (state.layers.length > 0) said.push(`layers=${state.layers.join(",")}`);
  if (state.place !== "map") said.push(`place=${state.place}`);
  if (state.place === "plans" && state.desk !== "list") said.push(`plan=${state.desk}`);
  const filter = filterIn(state);
  if (filter !== "") said.push(`filter=${encodeURIComponent(filter)}`);
  const areas = state.areas.length > 0 ? writeAreas(state.areas) : null;
  if (areas) said.push(`area=${encodeURIComponent(areas)}`);
  if (state.show === "all") said.push("show=all");
  if (state.measure !== "n") said.push(`measure=${state.measure}`);
  said.push(`lang=${state.lang}`);
  return `#${said.join("&")}`;
}
