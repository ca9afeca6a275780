/**
 * Compact letter display (Piepho 2004, insert and absorb): two items share a letter exactly when
 * they were not found to differ.
 *
 * @param count items, in the order in which letters are given out
 * @param differ symmetric
 * @returns for each item its letters: `a`, `ab`
 */
export function letterGroups(count: number, differ: (i: number, j: number) => boolean): string[] {
  let groups: Set<number>[] = [new Set(Array.from({ length: count }, (_, i) => i))];
  for (let i = 0; i < count; i++) {
    for (let j = i + 1; j < count; j++) {
      if (!differ(i, j)) continue;
      const split = groups.flatMap((group) =>
        group.has(i) && group.has(j) ? [without(group, i), without(group, j)] : [group],
      );
      // Two that are equal never arise: each would have held the other before.
      groups = split.filter(
        (group) => !split.some((other) => other !== group && holds(other, group)),
      );
    }
  }
  const ordered = groups
    .map((group) => [...group].sort((a, b) => a - b))
    .sort((a, b) => compareLists(a, b));
  return Array.from({ length: count }, (_, i) =>
    ordered.flatMap((group, at) => (group.includes(i) ? [letter(at)] : [])).join(''),
  );
}

const without = (group: ReadonlySet<number>, item: number) =>
  new Set([...group].filter((other) => other !== item));

const holds = (group: ReadonlySet<number>, part: ReadonlySet<number>) =>
  [...part].every((item) => group.has(item));

function compareLists(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** a … z, then a2 … z2. */
function letter(at: number): string {
  const round = Math.floor(at / 26);
  return `${String.fromCharCode(97 + (at % 26))}${round === 0 ? '' : round + 1}`;
}
