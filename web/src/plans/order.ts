/** What a coordinator is about to ask for: the form's own state, with defaults that make a plan at once, and the order out of it. */
import type { Field } from "../ask/api";
import type { LonLat, Shape } from "../ask/area";
import type { Clock, Crew, Depot, Fair, Objective, Order, Profile } from "./api";

export interface StockRow {
  title: string;
  /** None: as many as there are households. */
  units: number | null;
  from: number | null;
  to: number | null;
  /** The last day on which it may be handed over. */
  expires: string | null;
  needs: string;
}

/** A crew where it is not like the others. */
export interface Own {
  title?: string;
  depot?: string;
  from?: Clock;
  to?: Clock;
  capacity?: number;
  skills?: string;
  /** Where it ends, where not as the others. */
  end?: "depot" | "open" | LonLat;
}

export interface Draft {
  name: string;
  purpose: string;
  day: string;
  where: "depots" | "sites";
  depots: Depot[];
  sites: { count: number; layer: string; objective: Objective; within: number };
  stock: StockRow[];
  per: "household" | "member";
  crews: number;
  from: Clock;
  to: Clock;
  capacity: number;
  end: "depot" | "open";
  rest: boolean;
  restFrom: Clock;
  restTo: Clock;
  restMinutes: number;
  reloads: boolean;
  maxStops: number | null;
  own: Record<number, Own>;
  priority: { title: string; filter: string }[];
  needs: { field: string; skill: string }[];
  need: string;
  service: number;
  windowed: boolean;
  windowFrom: Clock;
  windowTo: Clock;
  scenario: string | null;
  profile: Profile;
  fair: Fair;
  effort: number;
}

export const begun = (day: string, name: string, kit: string): Draft => ({
  name,
  purpose: "",
  day,
  where: "depots",
  depots: [],
  sites: { count: 3, layer: "", objective: "p-median", within: 15 },
  stock: [{ title: kit, units: null, from: null, to: null, expires: null, needs: "" }],
  per: "household",
  crews: 6,
  from: "08:00",
  to: "14:00",
  capacity: 60,
  end: "depot",
  rest: false,
  restFrom: "11:00",
  restTo: "13:00",
  restMinutes: 30,
  reloads: true,
  maxStops: null,
  own: {},
  priority: [],
  needs: [],
  need: "fragility",
  service: 5,
  windowed: false,
  windowFrom: "08:00",
  windowTo: "20:00",
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
    return field ? [{ title: field.title[lang], filter: `${name} = TRUE` }] : [];
  });

const words = (text: string): string[] => text.split(/[,;\s]+/).map((word) => word.trim()).filter(Boolean);

function crews(draft: Draft, title: (n: number) => string): Crew[] {
  return Array.from({ length: draft.crews }, (_, i) => {
    const own = draft.own[i] ?? {};
    const turn = draft.where === "depots" && draft.depots.length > 0 ? (draft.depots[i % draft.depots.length]?.id ?? null) : null;
    return {
      id: `c${i + 1}`,
      title: own.title ?? title(i + 1),
      depot: own.depot && draft.depots.some(({ id }) => id === own.depot) ? own.depot : turn,
      end: own.end ?? draft.end,
      shift: [own.from ?? draft.from, own.to ?? draft.to],
      capacity: own.capacity ?? draft.capacity,
      skills: words(own.skills ?? ""),
      breaks: draft.rest ? [{ from: draft.restFrom, to: draft.restTo, minutes: draft.restMinutes }] : [],
      max_stops: draft.maxStops,
      reloads: draft.reloads,
    };
  });
}

/** Sixteen letters that nobody else draws: an order that is sent twice is one. */
const drawn = (): string => [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** Everybody has to be asked for by name: an order without people is refused. */
const EVERYBODY = "TRUE";

export interface Asked {
  filter: string;
  area: Shape | null;
  /** Households that answer: the units where no number was given. */
  units: number;
}

export function orderOf(draft: Draft, asked: Asked, title: (n: number) => string): Order {
  const { sites } = draft;
  const cover = sites.objective === "max-cover" ? { within_minutes: sites.within } : {};
  return {
    name: draft.name,
    purpose: draft.purpose,
    key: drawn(),
    people: asked.area ? { area: asked.area, ...(asked.filter ? { filter: asked.filter } : {}) } : { filter: asked.filter || EVERYBODY },
    scenario: draft.scenario,
    profile: draft.profile,
    sites: draft.where === "sites" ? { count: sites.count, layer: sites.layer, objective: sites.objective, ...cover } : null,
    depots: draft.where === "depots" ? draft.depots : [],
    stock: draft.stock.map((row, i) => ({ kit: `k${i + 1}`, title: row.title, units: row.units ?? asked.units, members: row.from === null && row.to === null ? null : [row.from ?? 1, row.to ?? 99], expires: row.expires, needs: words(row.needs) })),
    priority: draft.priority,
    need: draft.need,
    kit_units: { per: draft.per },
    needs: draft.needs.map(({ field, skill }) => ({ filter: `${field} = TRUE`, skill: words(skill)[0] ?? "" })).filter(({ skill }) => skill !== ""),
    crews: crews(draft, title),
    service_minutes: draft.service,
    windows: draft.windowed ? [[draft.windowFrom, draft.windowTo]] : [],
    fair: draft.fair,
    day: draft.day,
    effort_seconds: draft.effort,
    seed: 1,
  };
}
