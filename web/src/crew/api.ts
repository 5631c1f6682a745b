/** What the crew's page asks the server, by the token of its link. */
import { hear } from "./clock";

export const OUTCOMES = ["delivered", "partial", "absent", "wrong_address", "refused", "road_closed", "vehicle_did_not_come"] as const;
export type Outcome = (typeof OUTCOMES)[number];

export type Told = { kind: Outcome; units: number | null; note: string; at: string | null };

export type Stop = {
  code: string;
  n: number;
  at: [number, number];
  door: string;
  kit: string;
  units: number;
  members: number | null;
  window: [string, string] | null;
  eta: string | null;
  needs: string[];
  notes: string;
  walk_m: number | null;
  outcome: Told | null;
};

export type Run = {
  plan: { id: string; name: string; version: number; day: string | null };
  run: { id: string; number: number; crew: string; depot: string | null; depart: string | null; arrive: string | null; load: { kit: string; units: number }[]; stops: Stop[] };
  expires: string;
};

export type Event = { key: string; code: string; outcome: Outcome; units?: number; note?: string; at: string };
export type Heard = { accepted: string[]; known: string[]; refused: { key: string; reason: string }[] };

/** The link opens nothing (any more). */
export class Closed extends Error {}

const PATIENCE_MS = 20_000;

async function asked<T>(path: string, token: string, init: RequestInit = {}): Promise<T> {
  const headers = { Authorization: `Bearer ${token}`, ...(init.body ? { "Content-Type": "application/json" } : {}) };
  const answer = await fetch(path, { ...init, headers, cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
  hear(answer.headers.get("Date"));
  if (answer.status === 401 || answer.status === 404) throw new Closed(String(answer.status));
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return (await answer.json()) as T;
}

export const fetchRun = (token: string): Promise<Run> => asked("/crew/api/run", token);

export const sendEvents = (token: string, events: Event[]): Promise<Heard> =>
  asked("/crew/api/events", token, { method: "POST", body: JSON.stringify({ events }) });
