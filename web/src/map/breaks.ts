/** Classes on round numbers. No library of maps in it, so that the panel may use it before the map is here. */

const RUNGS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000];
const CLASSES = 6;

/** Classes of a count from one to `most`, on round numbers that stay while the slider moves a little. */
export function countBreaks(most: number): number[] {
  const rungs = RUNGS.filter((rung) => rung <= most);
  const kept = rungs.length <= CLASSES ? rungs : [1, ...rungs.slice(1 - CLASSES)];
  return [...kept, Math.max(most, 1) + 1];
}

/** Classes of a share, around the share of the whole town. */
export function shareBreaks(town: number): number[] {
  const digits = town < 0.02 ? 1_000 : 100;
  const rounded = [0.5, 1, 1.5, 2, 3].map((times) => Math.round(times * town * digits) / digits);
  const inner = [...new Set(rounded)].filter((edge) => edge > 0 && edge < 1);
  return [0, ...inner, 1];
}
