/** Plans, scenarios and roads, as the server tells and takes them. */
import type { Feature, LineString, MultiPolygon, Polygon } from "geojson";
import { change, get, post, upload, type Words } from "../api";
import type { LonLat, Profile, Shape } from "../ask/area";

export type { Profile };

export type PlanState = "computing" | "ready" | "approved" | "closed" | "failed" | "cancelled";
export type Objective = "p-median" | "p-center" | "max-cover";
export type Fair = "none" | "time" | "stops";
/** `08:00`; after midnight `26:00`. */
export type Clock = string;

export interface Depot {
  id: string;
  title: string;
  at: LonLat;
}

export interface Stock {
  kit: string;
  title: string;
  depot?: string | null;
  units: number;
  lot?: string | null;
  expires?: string | null;
  members?: [number, number] | null;
  needs: string[];
}

export interface Crew {
  id: string;
  title: string;
  depot: string | null;
  end: "depot" | "open" | LonLat;
  shift: [Clock, Clock];
  capacity: number;
  skills: string[];
  profile?: Profile;
  breaks: { from: Clock; to: Clock; minutes: number }[];
  max_stops: number | null;
  reloads: boolean;
}

export interface Order {
  name: string;
  purpose: string;
  key: string;
  people: { filter?: string; area?: Shape; households?: number[]; generation?: string };
  scenario: string | null;
  profile: Profile;
  sites: { count: number; layer?: string; places?: Depot[]; objective: Objective; within_minutes?: number; capacity?: number; fixed?: number[] } | null;
  depots: Depot[];
  stock: Stock[];
  priority: { title: string; filter: string }[];
  need: string;
  kit_units: { per: "household" | "member" };
  needs: { filter: string; skill: string }[];
  crews: Crew[];
  service_minutes: number;
  windows: [Clock, Clock][];
  fair: Fair;
  day: string;
  effort_seconds: number;
  seed: number;
}

export type OutcomeKind = "delivered" | "partial" | "absent" | "wrong_address" | "refused" | "road_closed" | "vehicle_did_not_come";

/** Whether a crew was there and left what it carried, or a part of it. */
export const isServed = ({ kind }: Outcome): boolean => kind === "delivered" || kind === "partial";

export interface Outcome {
  kind: OutcomeKind;
  units: number | null;
  at: string;
  by: string;
  note: string;
}

export interface Stop {
  code: string;
  n: number;
  at: LonLat;
  door: string;
  kit: string | null;
  units: number;
  members: number;
  window: [Clock, Clock] | null;
  eta: Clock;
  leave: Clock;
  needs: string[];
  notes: string;
  /** Metres from the road to the door. */
  from_road_m: number;
  locked: boolean;
  outcome: Outcome | null;
}

export interface Run {
  id: string;
  crew: string;
  title: string;
  start?: LonLat;
  end?: LonLat | null;
  depart: Clock;
  arrive: Clock;
  duration_s: number;
  distance_m: number;
  load: number;
  trips: number;
  line: LineString;
  stops: Stop[];
  rests?: { kind: "break" | "reload"; after: number; from: Clock; to: Clock }[];
}

export interface Unserved {
  code: string;
  at: LonLat | null;
  door: string;
  class: number;
  reason: { code: string } & Words;
  relaxation: Words | null;
}

export interface Totals {
  households: number;
  stops: number;
  units: number;
  distance_m: number;
  duration_s: number;
  crews: number;
  served_share: number;
}

export interface Result {
  sites: { index: number; id: string; title: string; at: LonLat; load: number }[];
  lower_bound: number | null;
  proved: boolean;
  /** Whom the points have no room for. */
  crowded?: { households: number; units: number; short: number; it: string; en: string };
  allocation: { class: number; title: string; asked: number; served: number; reasons: Record<string, number> }[];
  stock: { kit: string; depot: string | null; units: number; left: number }[];
  runs: Run[];
  unserved: Unserved[];
  totals: Totals;
}

export interface Progress {
  stage: string;
  done: number;
  of: number;
  cost: number | null;
}

export interface Plan {
  id: string;
  name: string;
  version: number;
  state: PlanState;
  progress: Progress | null;
  reason?: string | null;
  at?: string;
  by?: string;
  order: Order;
  result: Result | null;
}

/** The place of a run's crew in the order: its number and its colour, from 0. */
export function placeOf(plan: Plan, run: Run): number {
  const crew = plan.order.crews.findIndex(({ id }) => id === run.crew);
  return crew >= 0 ? crew : (plan.result?.runs.indexOf(run) ?? 0);
}

export interface PlanRow {
  id: string;
  name: string;
  state: PlanState;
  day: string | null;
  at: string;
  by: string;
  stops: number;
  runs: number;
  unserved: number;
  version: number;
}

export interface Breach extends Words {
  code: string;
}

export interface Price {
  extra_s: number;
  extra_m: number;
  breaches: Breach[];
}

export type Closure =
  | { kind: "area"; geometry: Polygon | MultiPolygon; bridges: "stand" | "closed" }
  | { kind: "street"; name: string }
  | { kind: "line"; geometry: LineString };

export interface ScenarioDraft {
  name: string;
  why: string;
  expires: string | null;
  closures: Closure[];
}

export interface Scenario extends ScenarioDraft {
  id: string;
  version: number;
  by: string;
  at: string;
  expired: boolean;
  closed: Partial<Record<Profile, number>>;
}

export interface Roads {
  imported: boolean;
  source?: string;
  at?: string;
  length_km?: number;
  profiles?: Profile[];
}

/** What is known of a list of households. */
export interface Listed {
  /** By the numbers of which data. */
  generation: string;
  households: number;
  people: number;
  /** Without a place on the map: a plan leaves them out and says so. */
  unplaced: number[];
  /** No households of the town. */
  unknown: number[];
}

/** A crew's link: its square code, and until when it is good. */
export interface Link {
  url: string;
  address: string;
  qr: string;
  expires: string;
}

export interface Comparison {
  base: Totals;
  other: Totals;
  unreachable: string[];
}

export interface Uploaded {
  accepted: number;
  known: number;
  rejects: { row: number; column: string | null; reason: string }[];
}

const of = (id: string, rest = ""): string => `api/plans/${encodeURIComponent(id)}${rest}`;

export const fetchRoads = (): Promise<Roads> => get("api/roads", {});
export const fetchPlans = async (): Promise<PlanRow[]> => (await get<{ plans: PlanRow[] }>("api/plans", {})).plans;
export const fetchPlan = (id: string, signal?: AbortSignal): Promise<Plan> => get(of(id), {}, signal);
export const makePlan = (order: Order): Promise<{ id: string }> => post("api/plans", order);
export const cancelPlan = (id: string): Promise<unknown> => change("DELETE", of(id));
export const priceMove = (id: string, code: string, run: string, signal?: AbortSignal): Promise<Price> => post(of(id, "/moves"), { code, run, try: true }, signal);
export const moveStop = (id: string, code: string, run: string, force: boolean): Promise<unknown> => post(of(id, "/moves"), { code, run, try: false, ...(force ? { force } : {}) });
export const lockStops = (id: string, which: { codes: string[] } | { run: string }, locked: boolean): Promise<unknown> => post(of(id, "/locks"), { ...which, locked });
export const planAgain = (id: string, scenario: string | null, effort: number): Promise<unknown> => post(of(id, "/replan"), { scenario, effort_seconds: effort });
export const approvePlan = (id: string): Promise<unknown> => post(of(id, "/approve"), {});
export const nextPlan = (id: string): Promise<{ id: string }> => post(of(id, "/next"), {});
export const compare = (id: string, scenario: string): Promise<Comparison> => get(of(id, "/compare"), { scenario });
export const makeLink = (id: string, run: string, hours: number): Promise<Link> => post(of(id, `/runs/${encodeURIComponent(run)}/link`), { hours });
export const withdrawLinks = (id: string, run: string): Promise<unknown> => change("DELETE", of(id, `/runs/${encodeURIComponent(run)}/link`));
export const fetchListed = (households: number[], signal?: AbortSignal): Promise<Listed> => post("api/plans/people", { households }, signal);
export const fetchCandidates = async (layer: string): Promise<Depot[]> => (await get<{ candidates: Depot[] }>("api/plans/candidates", { layer })).candidates;
export const sendOutcomes = (id: string, file: File): Promise<Uploaded> =>
  upload(of(id, "/outcomes"), file, /\.xlsx$/i.test(file.name) ? "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" : "text/csv");
export const pathOf = of;

export const fetchScenarios = async (): Promise<Scenario[]> => (await get<{ scenarios: Scenario[] }>("api/scenarios", {})).scenarios;
export const saveScenario = (draft: ScenarioDraft, before: Scenario | null): Promise<Scenario> =>
  before ? change("PUT", `api/scenarios/${before.id}`, draft, before.version) : post("api/scenarios", draft);
export const withdrawScenario = ({ id, version }: Scenario): Promise<unknown> => change("DELETE", `api/scenarios/${id}`, null, version);

export type Reach = Feature<MultiPolygon | Polygon, { minutes: number }>;

/** How far one comes from a place; the widest first, so that they are drawn one over the other. */
export async function fetchReach([lon, lat]: LonLat, minutes: number[], profile: Profile, scenario: string | null): Promise<Reach[]> {
  const query = { from: `${lon.toFixed(6)},${lat.toFixed(6)}`, minutes: minutes.join(","), profile, scenario };
  const { features } = await get<{ features: Reach[] }>("api/isochrone", query);
  return [...features].sort((a, b) => b.properties.minutes - a.properties.minutes);
}
