/** The server's answers, as they are, and how they are asked for. */
import { bearer } from "./session";

export type Lang = "it" | "en";
export type Words = Record<Lang, string>;
export type Unit = "share" | "score" | "index" | "count" | "euro" | "years";

export interface Property {
  key: string;
  title: Words;
  description: Words;
  unit: Unit;
  dimension: string | null;
  decimals: number;
}

export interface Layer {
  name: string;
  title: Words;
  geometry: "hexes" | "point" | "line" | "polygon";
  count: number;
}

export interface Town {
  comune: string;
  name: string;
  generation: string;
  as_of: string;
  model: { id: string; version: string; title: Words };
  bounds: [number, number, number, number];
  center: [number, number];
  role: string;
  /** What the reader may do: words of the policy. */
  rights: string[];
  policy: "public" | "exact";
  households: number;
  people: number;
  /** Households whose address is not on the map, where the reader may know it. */
  unplaced_households?: number | null;
  min_households: number;
  layers: Layer[];
  properties: Property[];
  means: Record<string, number | null>;
  resolutions: number[];
  resolution_by_zoom: number[];
}

export interface Legend {
  property: string;
  resolution: number;
  breaks: number[];
  counts: number[];
  households: number[];
  histogram: { edges: number[]; counts: number[] };
  unknown: number;
  min: number | null;
  max: number | null;
  merged: number;
}

export interface HexRow {
  id: string;
  merged: number;
  households: number;
  people: number;
  center: [number, number];
  values: Record<string, number | null>;
}

export interface HexPage {
  resolution: number;
  matched: number;
  rows: HexRow[];
  next: string | null;
}

export interface HexValue {
  key: string;
  value: number | null;
  town: number | null;
  known: number;
  unknown: number;
  households: number;
}

export interface HexCard {
  id: string;
  resolution: number;
  merged: number;
  households: number;
  people: number;
  policy: "public" | "exact";
  as_of: string;
  center: [number, number];
  values: HexValue[];
}

export interface Address {
  label: string;
  street: string;
  number: string | null;
  level: string;
  score: number;
  lon: number | null;
  lat: number | null;
  access_id: number | string | null;
}

/** Whether the policy lets the reader do this. */
export const may = (town: Town, right: "plan" | "read_households"): boolean => town.rights.includes(right);

/** What happened, and a code the help desk can look up. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** Where in a filter the fault is, in characters from its start. */
    readonly position: number | null = null,
    /** Which part of the question is at fault. */
    readonly parameter: string | null = null,
    /** The rules that what was asked would break. */
    readonly breaches: unknown = null,
  ) {
    super(message);
  }
}

async function problem(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null);
  const said = (body ?? {}) as { title?: string; detail?: string; code?: string; request_id?: string; position?: number; parameter?: string; breaches?: unknown };
  const code = said.code ?? said.request_id ?? `HTTP ${response.status}`;
  return new ApiError(response.status, code, said.detail ?? said.title ?? response.statusText, said.position ?? null, said.parameter ?? null, said.breaches ?? null);
}

/** The headers that say who asks. */
export function credentials(accept: string): Record<string, string> {
  const token = bearer();
  return { Accept: accept, ...(token ? { Authorization: `Bearer ${token}` } : {}) };
}

async function fetched(url: URL, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw new ApiError(0, "RETE", "");
  }
  if (!response.ok) throw await problem(response);
  return response;
}

async function send<T>(url: URL, init: RequestInit): Promise<T> {
  const text = await (await fetched(url, init)).text();
  return (text === "" ? {} : JSON.parse(text)) as T;
}

export async function get<T>(path: string, query: Record<string, string | number | null>, signal?: AbortSignal): Promise<T> {
  const url = new URL(path, document.baseURI);
  for (const [name, value] of Object.entries(query)) if (value !== null) url.searchParams.set(name, String(value));
  return send(url, { headers: credentials("application/json"), ...(signal ? { signal } : {}) });
}

export async function post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  const headers = { ...credentials("application/json"), "Content-Type": "application/json" };
  return send(new URL(path, document.baseURI), { method: "POST", headers, body: JSON.stringify(body), ...(signal ? { signal } : {}) });
}

/** Changes something of the server; `version` is the one that the reader saw. */
export async function change<T>(method: "PUT" | "DELETE", path: string, body: unknown = null, version: number | null = null): Promise<T> {
  const headers = { ...credentials("application/json"), ...(body === null ? {} : { "Content-Type": "application/json" }), ...(version === null ? {} : { "If-Match": `"${version}"` }) };
  return send(new URL(path, document.baseURI), { method, headers, ...(body === null ? {} : { body: JSON.stringify(body) }) });
}

/** Sends a file as it is. */
export const upload = async <T>(path: string, file: File, type: string): Promise<T> =>
  send(new URL(path, document.baseURI), { method: "POST", headers: { ...credentials("application/json"), "Content-Type": type }, body: file });

/** A file that only who shows a token may have. */
export async function fetchFile(path: string, query: Record<string, string | null> = {}): Promise<Blob> {
  const url = new URL(path, document.baseURI);
  for (const [name, value] of Object.entries(query)) if (value !== null) url.searchParams.set(name, value);
  return (await fetched(url, { headers: credentials("*/*") })).blob();
}

export const fetchTown = (): Promise<Town> => get("api/town", {});

/** Where a layer is: west, south, east, north. */
export const fetchBounds = async (layer: string): Promise<Town["bounds"] | null> =>
  (await get<{ bounds?: Town["bounds"] }>(`tiles/${layer}.json`, {})).bounds ?? null;

export const fetchLegend = (property: string, resolution: number | null, signal?: AbortSignal): Promise<Legend> =>
  get("api/legend", { property, resolution }, signal);

export const fetchHex = (id: string, resolution: number | null, signal?: AbortSignal): Promise<HexCard> =>
  get(`api/hexes/${encodeURIComponent(id)}`, { resolution }, signal);

export interface HexQuery {
  resolution: number | null;
  sort: string;
  order: "asc" | "desc";
  limit: number;
  cursor: string | null;
}

export const fetchHexes = (query: HexQuery, signal?: AbortSignal): Promise<HexPage> =>
  get("api/hexes", { ...query }, signal);

export const fetchAddresses = (text: string, signal?: AbortSignal): Promise<{ items: Address[] }> =>
  get("api/addresses", { q: text, limit: 8 }, signal);
