/** Questions about households: what can be asked, how many, which groups. */
import { get, post, type Unit, type Words } from "../api";
import type { Shape } from "./area";

export type FieldKind = "flag" | "whole" | "number" | "text" | "date" | "instant" | "list";

export interface Field {
  name: string;
  kind: FieldKind;
  title: Words;
  description?: Words | null;
  unit?: Unit | "none" | null;
  choices?: { key: string; title: Words }[];
  min?: number | string | null;
  max?: number | string | null;
  dimension?: string | null;
}

export interface Fields {
  collection: string;
  generation: string;
  fields: Field[];
  functions: string[];
}

/** What the protection of the few did to an answer. */
export interface Disclosure {
  withheld?: boolean;
  /** Below so many households nothing is told. */
  min?: number;
  /** Groups that are left out for it. */
  groups?: number;
  note?: Words | null;
}

export interface Count {
  generation: string;
  as_of: string;
  /** None where they are too few to be told. */
  households: number | null;
  people: number | null;
  of: { households: number; people: number };
  disclosure?: Disclosure | null;
}

export type Grouping = { by: "hex"; resolution: number } | { by: "layer"; layer: string } | { by: "property"; property: string };

export type Measure = { count: "households" | "people" } | { quantiles: number[]; of: string };

export interface Question {
  collection: "households";
  filter?: string;
  area?: Shape;
  group?: Grouping;
  measures: Measure[];
  order?: { by: number | "group"; direction: "asc" | "desc" }[];
  limit?: number;
  cursor?: string;
}

export interface Group {
  group: string | number | boolean | null;
  title?: Words | string | null;
  values: (number | number[] | null)[];
  households?: number | null;
  people?: number | null;
}

export interface Answer {
  generation: string;
  as_of: string;
  matched: number;
  groups?: Group[];
  total?: { values: (number | number[] | null)[] };
  next?: string | null;
  disclosure?: Disclosure | null;
}

/** The longest query that the server reads is 2,048 bytes; a question that is longer goes by POST. */
const MAX_QUERY_BYTES = 1_900;

export const fetchFields = (collection: "households" | "hexes", signal?: AbortSignal): Promise<Fields> => get("api/fields", { collection }, signal);

export const ask = (question: Question, signal?: AbortSignal): Promise<Answer> => post("api/ask", question, signal);

/** How many households and people answer, of those in the same area. */
export async function fetchCount(filter: string, area: Shape | null, signal?: AbortSignal): Promise<Count> {
  const query = { collection: "households", filter: filter || null, area: area && JSON.stringify(area) };
  const length = Object.values(query).reduce((sum, text) => sum + encodeURIComponent(text ?? "").length, 0);
  if (length <= MAX_QUERY_BYTES) return get("api/count", query, signal);
  const measures: Measure[] = [{ count: "households" }, { count: "people" }];
  const [answer, all] = await Promise.all([ask(question(filter, area, { measures }), signal), ask(question("", area, { measures }), signal)]);
  const [[households = null, people = null], [whole, everybody]] = [answer, all].map(({ total }) => (total?.values ?? []) as (number | null)[]) as [(number | null)[], (number | null)[]];
  return { generation: answer.generation, as_of: answer.as_of, households, people, of: { households: whole ?? 0, people: everybody ?? 0 }, disclosure: answer.disclosure ?? null };
}

/** A question with only the parts that are there. */
export function question(filter: string, area: Shape | null, rest: Omit<Question, "collection" | "filter" | "area">): Question {
  return { collection: "households", ...(filter ? { filter } : {}), ...(area ? { area } : {}), ...rest };
}
