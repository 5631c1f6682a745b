/** The queue on its way: events leave in the order in which they were marked, again and again until the server has them.
 * Their keys make twice once, so an answer that was lost costs nothing. */
import { Closed, sendEvents, type Event } from "./api";
import { events, keepEvent, type Kept, type Shift } from "./store";

/** Events of one request. */
const AT_ONCE = 100;

export type Outcome = "idle" | "sent" | "offline" | "closed";

const bare = ({ key, code, outcome, units, note, at }: Kept): Event => ({ key, code, outcome, at, ...(units === undefined ? {} : { units }), ...(note ? { note } : {}) });

/** Events that may be sent now by this link: those of its run. */
export const waiting = (all: Kept[], shift: Shift): Kept[] =>
  all.filter((event) => event.state === "queued" && event.plan === shift.run.plan.id && event.run === shift.run.run.id).sort((a, b) => a.at.localeCompare(b.at));

let busy = false;

/** Sends what waits; one at a time also where two tabs are open. */
export async function sync(shift: Shift): Promise<Outcome> {
  if (busy) return "idle";
  busy = true;
  try {
    const once = async (): Promise<Outcome> => {
      let outcome: Outcome = "idle";
      for (;;) {
        const now = Date.now();
        const batch = waiting(await events(), shift).filter((event) => event.after <= now).slice(0, AT_ONCE);
        if (batch.length === 0) return outcome;
        const heard = await sendEvents(shift.token, batch.map(bare));
        const done = new Set([...heard.accepted, ...heard.known]);
        const refused = new Map(heard.refused.map(({ key, reason }) => [key, reason]));
        for (const event of batch) {
          if (done.has(event.key)) await keepEvent({ ...event, state: "synced" });
          else await keepEvent({ ...event, state: "refused", reason: refused.get(event.key) ?? "other" });
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
