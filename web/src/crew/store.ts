/** What the telephone keeps, so that a run goes on without a network and over a restart: shifts and the queue of events.
 * Where its disk is full or shut, they stay in the page as long as it is open, and that is told. */
import type { Event, Run } from "./api";

/** A link and the run that it opened; `skew` is how far the server's clock was ahead. */
export type Shift = { token: string; run: Run; current: number; skew?: number };

/** An event that was marked here; `after` is the moment before which it can be taken back and is not sent, `turn` its
 * place among the events of this telephone, whatever its clock does. */
export type Kept = Event & { plan: string; run: string; after: number; turn?: number; state: "queued" | "synced" | "refused"; reason?: string };

const open = (): Promise<IDBDatabase> =>
  new Promise((done, failed) => {
    const request = indexedDB.open("atlante-crew", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("shifts", { keyPath: "token" });
      request.result.createObjectStore("events", { keyPath: "key" });
    };
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });

let opened: Promise<IDBDatabase> | undefined;

/** One transaction; done when it is on the telephone's disk. */
async function within<T>(name: "shifts" | "events", mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T> | void): Promise<T | undefined> {
  opened ??= open();
  const base = await opened.catch((cause: unknown) => {
    opened = undefined;
    throw cause;
  });
  return new Promise((done, failed) => {
    const transaction = base.transaction(name, mode, { durability: "strict" });
    const request = act(transaction.objectStore(name));
    transaction.oncomplete = () => done(request ? request.result : undefined);
    transaction.onabort = transaction.onerror = () => failed(transaction.error);
  });
}

/** What the disk did not take, by its key. */
const loose = { shifts: new Map<string, Shift>(), events: new Map<string, Kept>() };

/** Events that only this page has: they are gone with it. */
export const looseEvents = (): number => [...loose.events.values()].filter(({ state }) => state === "queued").length;

const news = "BroadcastChannel" in window ? new BroadcastChannel("atlante-crew") : null;

/** Runs `heard` where another tab has kept something. */
export const follow = (heard: () => void): void => news?.addEventListener("message", heard);

async function keep<T>(name: "shifts" | "events", key: string, row: T, aside: Map<string, T>): Promise<void> {
  try {
    await within(name, "readwrite", (store) => store.put(row));
    aside.delete(key);
    news?.postMessage(name);
  } catch {
    aside.set(key, row);
  }
}

async function drop<T>(name: "shifts" | "events", key: string, aside: Map<string, T>): Promise<void> {
  aside.delete(key);
  await within(name, "readwrite", (store) => store.delete(key)).catch(() => undefined);
  news?.postMessage(name);
}

/** What is on the disk, and over it what only this page has. */
async function all<T>(name: "shifts" | "events", key: (row: T) => string, aside: Map<string, T>): Promise<T[]> {
  const rows = (await within<T[]>(name, "readonly", (store) => store.getAll()).catch(() => undefined)) ?? [];
  return [...rows.filter((row) => !aside.has(key(row))), ...aside.values()];
}

export const keepShift = (shift: Shift): Promise<void> => keep("shifts", shift.token, shift, loose.shifts);
export const dropShift = (token: string): Promise<void> => drop("shifts", token, loose.shifts);
export const shifts = (): Promise<Shift[]> => all("shifts", ({ token }) => token, loose.shifts);

export const keepEvent = (event: Kept): Promise<void> => keep("events", event.key, event, loose.events);

/** Every event, in the order in which they were marked. */
export async function events(): Promise<Kept[]> {
  const found = await all<Kept>("events", ({ key }) => key, loose.events);
  return found.sort((a, b) => (a.turn ?? 0) - (b.turn ?? 0) || a.at.localeCompare(b.at));
}

/** Tries the disk again with what it did not take. */
export async function settle(): Promise<void> {
  for (const shift of [...loose.shifts.values()]) await keepShift(shift);
  for (const event of [...loose.events.values()]) await keepEvent(event);
}

/** Takes an event back if it was not sent meanwhile; answers whether it was. */
export async function takeBack(key: string): Promise<boolean> {
  if (loose.events.get(key)?.state === "queued") return loose.events.delete(key);
  let taken = false;
  await within("events", "readwrite", (store) => {
    const request = store.get(key) as IDBRequest<Kept | undefined>;
    request.onsuccess = () => {
      if (request.result?.state !== "queued") return;
      store.delete(key);
      taken = true;
    };
  }).catch(() => undefined);
  news?.postMessage("events");
  return taken;
}
