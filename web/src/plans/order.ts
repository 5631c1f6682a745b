/** What a coordinator is about to ask for: the form's own state, with defaults that make a plan at once, and the order out of it. */
import type { Field } from "../ask/api";
import type { LonLat, Shape } from "../ask/area";
import type { Clock, Crew, Depot, Fair, Listed, Objective, Order, Profile } from "./api";

export interface StockRow {
  title: string;
  /** None: as many as there are households. */
  units: number | null;
  /** None: wherever it is needed. */
  depot: string | null;
  from: number | null;
  to: number | null;
  /** The last day on which it may be handed over. */
  expires: string | null;
  lot: string;
  needs: string;
}

/** Who has something, or at least so much of it; or whoever answers what is written in CQL2. */
export type Rule = { title: string } & ({ field: string; least: number | null } | { written: string });

/** A break that begins between two times. */
export interface Rest {
  from: Clock;
  to: Clock;
  minutes: number;
}

/** A crew where it is not like the others. */
export interface Own {
  title?: string;
  depot?: string;
  from?: Clock;
  to?: Clock;
  capacity?: number;
  skills?: string;
  profile?: Profile;
  /** Where it ends, where not as the others. */
  end?: "depot" | "open" | LonLat;
  /** Its own break, or none; not said: as the others. */
  rest?: Rest | null;
}

export interface Draft {
  name: string;
  purpose: string;
  day: string;
  who: "found" | "list";
  /** What was pasted, what the server knows of it, and whether to go on without the rows that are nobody. */
  list: { text: string; listed: Listed | null; sure: boolean };
  where: "depots" | "sites";
  depots: Depot[];
  /** Candidates of a layer, or where there is no layer, those set by hand; `fixed` are ids of candidates. */
  sites: { count: number; layer: string; places: Depot[]; candidates: Depot[]; fixed: string[]; objective: Objective; within: number; capacity: number | null };
  stock: StockRow[];
  per: "household" | "member";
  crews: number;
  from: Clock;
  to: Clock;
  capacity: number;
  end: "depot" | "open";
  rest: Rest | null;
  reloads: boolean;
  maxStops: number | null;
  own: Record<number, Own>;
  priority: Rule[];
  needs: (Rule & { skill: string })[];
  need: string;
  service: number;
  windows: [Clock, Clock][];
  scenario: string | null;
  profile: Profile;
  fair: Fair;
  effort: number;
}

export const begun = (day: string, name: string, kit: string): Draft => ({
  name,
  purpose: "",
  day,
  who: "found",
  list: { text: "", listed: null, sure: false },
  where: "depots",
  depots: [],
  sites: { count: 3, layer: "", places: [], candidates: [], fixed: [], objective: "p-median", within: 15, capacity: null },
  stock: [{ title: kit, units: null, depot: null, from: null, to: null, expires: null, lot: "", needs: "" }],
  per: "household",
  crews: 6,
  from: "08:00",
  to: "14:00",
  capacity: 60,
  end: "depot",
  rest: null,
  reloads: true,
  maxStops: null,
  own: {},
  priority: [],
  needs: [],
  need: "fragility",
  service: 5,
  windows: [],
  scenario: null,
  profile: "van",
  fair: "none",
  effort: 10,
});

/** Whom a comune reaches first, where it knows. */
const FIRST = ["life_support", "alone_elder"];

export const firstClasses = (fields: Field[], lang: "it" | "en"): Draft["priority"] =>
  FIRST.flatMap((name) => {
    const field = fields.find((one) => one.name === name && one.kind === "flag");
    return field ? [{ field: name, title: field.title[lang], least: null }] : [];
  });

/** The break that a form begins with. */
export const usualRest = (): Rest => ({ from: "11:00", to: "13:00", minutes: 30 });

/** A rule as a filter. */
export const filterOf = (rule: Rule): string => ("written" in rule ? rule.written.trim() : rule.least === null ? `${rule.field} = TRUE` : `${rule.field} >= ${rule.least}`);

/** The first rule that says nothing yet: an empty filter would take in everybody. */
export const unwritten = ({ priority, needs }: Draft): Rule | undefined => [...priority, ...needs].find((rule) => filterOf(rule) === "");

/** The places that stock and crews may be bound to. */
export const placesOf = ({ where, depots, sites }: Draft): Depot[] => (where === "depots" ? depots : sites.layer === "" ? sites.places : []);

/** The candidates that points are chosen from, as `fixed` counts them. */
export const candidatesOf = ({ sites }: Draft): Depot[] => (sites.layer === "" ? sites.places : sites.candidates);

/** What is needed and no crew has: whoever needs it would be left out. */
export function unmet(draft: Draft): string[] {
  const had = new Set(Object.entries(draft.own).flatMap(([i, { skills }]) => (Number(i) < draft.crews ? words(skills ?? "") : [])));
  const needed = [...draft.needs.flatMap(({ skill }) => words(skill)), ...draft.stock.flatMap(({ needs }) => words(needs))];
  return [...new Set(needed)].filter((skill) => !had.has(skill));
}

/** Crews whose shift does not hold the break: none of their runs would be possible. */
export const restless = (draft: Draft): boolean =>
  Array.from({ length: draft.crews }, (_, i) => draft.own[i] ?? {}).some(({ from, to, rest = draft.rest }) => rest !== null && (rest.from < (from ?? draft.from) || rest.from >= (to ?? draft.to)));

const words = (text: string): string[] => text.split(/[,;\s]+/).map((word) => word.trim()).filter(Boolean);

function crews(draft: Draft, title: (n: number) => string): Crew[] {
  return Array.from({ length: draft.crews }, (_, i) => {
    const own = draft.own[i] ?? {};
    const { rest = draft.rest } = own;
    const turn = draft.where === "depots" && draft.depots.length > 0 ? (draft.depots[i % draft.depots.length]?.id ?? null) : null;
    return {
      id: `c${i + 1}`,
      title: own.title ?? title(i + 1),
      depot: own.depot && draft.depots.some(({ id }) => id === own.depot) ? own.depot : turn,
      end: own.end ?? draft.end,
      shift: [own.from ?? draft.from, own.to ?? draft.to],
      capacity: own.capacity ?? draft.capacity,
      skills: words(own.skills ?? ""),
      ...(own.profile ? { profile: own.profile } : {}),
      breaks: rest ? [rest] : [],
      max_stops: draft.maxStops,
      reloads: draft.reloads,
    };
  });
}

/** Sixteen letters that nobody else draws: an order that is sent twice is one. */
export const drawn = (): string => [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** Everybody has to be asked for by name: an order without people is refused. */
const EVERYBODY = "TRUE";

export interface Asked {
  people: { filter: string; area: Shape | null } | { households: number[]; generation?: string };
  /** Households that answer: the units where no number was given. */
  units: number;
}

function people({ people: asked }: Asked): Order["people"] {
  if ("households" in asked) return asked;
  return asked.area ? { area: asked.area, ...(asked.filter ? { filter: asked.filter } : {}) } : { filter: asked.filter || EVERYBODY };
}

function sitesOf(draft: Draft): Order["sites"] {
  const { sites } = draft;
  if (draft.where !== "sites") return null;
  const fixed = candidatesOf(draft).flatMap(({ id }, i) => (sites.fixed.includes(id) ? [i] : []));
  return {
    count: sites.count,
    ...(sites.layer === "" ? { places: sites.places } : { layer: sites.layer }),
    objective: sites.objective,
    ...(sites.objective === "max-cover" ? { within_minutes: sites.within } : {}),
    ...(sites.capacity === null ? {} : { capacity: sites.capacity }),
    ...(fixed.length > 0 ? { fixed } : {}),
  };
}

function stockOf(draft: Draft, units: number): Order["stock"] {
  const known = placesOf(draft);
  return draft.stock.map((row, i) => ({
    kit: `k${i + 1}`,
    title: row.title,
    depot: known.some(({ id }) => id === row.depot) ? row.depot : null,
    units: row.units ?? units,
    lot: row.lot.trim() || null,
    members: row.from === null && row.to === null ? null : [row.from ?? 1, row.to ?? 99],
    expires: row.expires,
    needs: words(row.needs),
  }));
}

export function orderOf(draft: Draft, asked: Asked, title: (n: number) => string): Order {
  return {
    name: draft.name,
    purpose: draft.purpose,
    key: drawn(),
    people: people(asked),
    scenario: draft.scenario,
    profile: draft.profile,
    sites: sitesOf(draft),
    depots: draft.where === "depots" ? draft.depots : [],
    stock: stockOf(draft, asked.units),
    priority: draft.priority.map((rule) => ({ title: rule.title, filter: filterOf(rule) })),
    need: draft.need,
    kit_units: { per: draft.per },
    needs: draft.needs.map((rule) => ({ filter: filterOf(rule), skill: words(rule.skill)[0] ?? "" })).filter(({ skill }) => skill !== ""),
    crews: crews(draft, title),
    service_minutes: draft.service,
    windows: draft.windows,
    fair: draft.fair,
    day: draft.day,
    effort_seconds: draft.effort,
    seed: 1,
  };
}
