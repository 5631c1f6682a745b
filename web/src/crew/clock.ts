/** The hour by the server's clock: a telephone's may be hours wrong, and events are told by when they happened. */

/** So far apart the two clocks are worth a word. */
const APART_MS = 5 * 60_000;
/** The header tells whole seconds, and an answer takes a while: less than this is no difference. */
const TICK_MS = 2_000;

let ahead = 0;

/** Milliseconds by which the server is ahead of this telephone. */
export const skew = (): number => ahead;

/** What was known when the page was last open. */
export const recall = (known: number): void => {
  ahead = known;
};

/** Takes the server's hour out of an answer. */
export function hear(date: string | null): void {
  const told = Date.parse(date ?? "");
  if (Number.isNaN(told)) return;
  const apart = told - Date.now();
  if (Math.abs(apart - ahead) > TICK_MS) ahead = Math.abs(apart) > TICK_MS ? apart : 0;
}

/** The hour, as well as it is known. */
export const now = (): number => Date.now() + ahead;

/** By how many minutes the telephone is ahead (behind where negative), where that is worth a word. */
export const wrongBy = (): number | null => (Math.abs(ahead) > APART_MS ? -Math.round(ahead / 60_000) : null);
