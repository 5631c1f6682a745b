/** What the telephone keeps, so that a run goes on without a network and over a restart: shifts and the queue of events. */
import type { Event, Run } from "./api";

/** A link and the run that it opened. */
export type Shift = { token: string; run: Run; current: number };

/** An event that was marked here; `after` is the moment before which it can be taken back and is not sent. */
export type Kept = Event & { plan: string; run: string; after: number; state: "queued" | "synced" | "refused"; reason?: string };

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
  const base = await (opened ??= open());
  return new Promise((done, failed) => {
    const transaction = base.transaction(name, mode, { durability: "strict" });
    const request = act(transaction.objectStore(name));
    transaction.oncomplete = () => done(request ? request.result : undefined);
    transaction.onabort = transaction.onerror = () => failed(transaction.error);
  });
}

export const keepShift = (shift: Shift): Promise<unknown> => within("shifts", "readwrite", (store) => store.put(shift));
export const dropShift = (token: string): Promise<unknown> => within("shifts", "readwrite", (store) => store.delete(token));
export const shifts = async (): Promise<Shift[]> => (await within<Shift[]>("shifts", "readonly", (store) => store.getAll())) ?? [];

export const keepEvent = (event: Kept): Promise<unknown> => within("events", "readwrite", (store) => store.put(event));
export const dropEvent = (key: string): Promise<unknown> => within("events", "readwrite", (store) => store.delete(key));
export const events = async (): Promise<Kept[]> => (await within<Kept[]>("events", "readonly", (store) => store.getAll())) ?? [];

/** Takes an event back if it was not sent meanwhile; answers whether it was. */
export async function takeBack(key: string): Promise<boolean> {
  let taken = false;
  await within("events", "readwrite", (store) => {
    const request = store.get(key) as IDBRequest<Kept | undefined>;
    request.onsuccess = () => {
      if (request.result?.state !== "queued") return;
      store.delete(key);
      taken = true;
    };
  });
  return taken;
}
