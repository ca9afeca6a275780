/**
 * Adjusted p-values of several tests, in the order given (Holm 1979): those at or below alpha are
 * found with at most alpha chance of any false one among them, whatever their dependence.
 */
export function holmAdjusted(pValues: readonly number[]): number[] {
  const order = pValues.map((_, i) => i).sort((i, j) => (pValues[i] ?? 0) - (pValues[j] ?? 0));
  const adjusted = new Array<number>(pValues.length);
  let running = 0;
  order.forEach((index, rank) => {
    running = Math.max(running, Math.min(1, (pValues.length - rank) * (pValues[index] ?? 1)));
    adjusted[index] = running;
  });
  return adjusted;
}
