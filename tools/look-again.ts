import type { Counts, Failure } from './count-results.ts';

/** More failures in one stage than this are no accident of a busy machine. */
const mostLookedAtAgain = 3;

/** What a stage came to. */
export interface Outcome {
  counts: Counts;
  failures: Failure[];
}

/** One more run: of a whole file, or only of its tests whose full names match. */
export interface Again {
  file: string;
  /** For vitest's -t; null: the whole file, as it failed outside of its tests. */
  pattern: string | null;
}

/** What is worth a second look, file by file; empty: too much failed, or not all of it has a name. */
export function toLookAtAgain({ counts, failures }: Outcome): Again[] {
  if (failures.length > mostLookedAtAgain || failures.length < counts.failed) return [];
  return [...new Set(failures.map(({ file }) => file))].map((file) => {
    const here = failures.filter((one) => one.file === file);
    const names = here.flatMap(({ test }) => test ?? []);
    return { file, pattern: names.length < here.length ? null : patternOf(names) };
  });
}

/** Matches full names and nothing that they are a part of. */
function patternOf(names: readonly string[]): string {
  const quoted = names.map((name) => name.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return `^(?:${quoted.join('|')})$`;
}

/**
 * A stage after a second look at one of its files: what passed then is counted as passed, and named.
 * A second run that failed in a way without a name mends nothing.
 */
export function afterSecondLook(
  first: Outcome,
  { file, pattern }: Again,
  second: Outcome,
): { outcome: Outcome; unsteady: Failure[] } {
  const failed = first.failures.filter((one) => one.file === file);
  const named = second.failures.length >= second.counts.failed;
  const failsAgain = ({ test }: Failure) =>
    pattern === null || !named
      ? second.counts.failed > 0
      : second.failures.some((one) => one.test === null || one.test === test);
  const unsteady = failed.filter((one) => !failsAgain(one));
  // A name that matched no test is no test that passed.
  if (second.counts.passed < unsteady.length) return { outcome: first, unsteady: [] };
  const { passed, failed: failures } = first.counts;
  return {
    outcome: {
      counts: { passed: passed + unsteady.length, failed: failures - unsteady.length },
      failures: first.failures.filter((one) => !unsteady.includes(one)),
    },
    unsteady,
  };
}
