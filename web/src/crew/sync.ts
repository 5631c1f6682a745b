/** The queue on its way: events leave in the order in which they were marked, again and again until the server has them.
 * Their keys make twice once, so an answer that was lost costs nothing. */
import { Closed, sendEvents, type Event } from "./api";
import { now, skew } from "./clock";
import { events, keepEvent, settle, type Kept, type Shift } from "./store";

/** Events of one request. */
const AT_ONCE = 100;
/** So long a mark can be taken back before it leaves. */
export const UNDO_MS = 7_000;

export type Outcome = "idle" | "sent" | "offline" | "closed";

const bare = ({ key, code, outcome, units, note, at }: Kept): Event => ({ key, code, outcome, at, ...(units === undefined ? {} : { units }), ...(note ? { note } : {}) });

/** Events that may be sent now by this link: those of its run. */
export const waiting = (all: Kept[], shift: Shift): Kept[] =>
  all.filter((event) => event.state === "queued" && event.plan === shift.run.plan.id && event.run === shift.run.run.id);

/** How long an event still waits to be taken back. A clock that was set back meanwhile holds nothing up. */
export const waits = ({ after }: Kept): number => {
  const left = after - Date.now();
  return left > UNDO_MS ? 0 : Math.max(0, left);
};

/** An event that the server found to lie in the future is told again by the server's clock, once it is known. */
function mended(event: Kept): Kept | null {
  const at = Math.min(now(), Date.parse(event.at) + skew());
  return Date.parse(event.at) - at > 1_000 ? { ...event, at: new Date(at).toISOString() } : null;
}

let busy = false;

/** Sends what waits; one at a time also where two tabs are open. */
export async function sync(shift: Shift): Promise<Outcome> {
  if (busy) return "idle";
  busy = true;
  try {
    const once = async (): Promise<Outcome> => {
      let outcome: Outcome = "idle";
      await settle();
      for (;;) {
        const batch = waiting(await events(), shift).filter((event) => waits(event) === 0).slice(0, AT_ONCE);
        if (batch.length === 0) return outcome;
        const heard = await sendEvents(shift.token, batch.map(bare));
        const done = new Set([...heard.accepted, ...heard.known]);
        const refused = new Map(heard.refused.map(({ key, reason }) => [key, reason]));
        for (const event of batch) {
          if (done.has(event.key)) await keepEvent({ ...event, state: "synced" });
          else await keepEvent((refused.get(event.key) === "at" && mended(event)) || { ...event, state: "refused", reason: refused.get(event.key) ?? "other" });
        }
        outcome = "sent";
      }
    };
    return "locks" in navigator ? await navigator.locks.request("atlante-crew-sync", once) : await once();
  } catch (error) {
    return error instanceof Closed ? "closed" : "offline";
  } finally {
    busy = false;
  }
}
