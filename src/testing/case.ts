import { messageOf } from '../core/index.ts';

/**
 * One thing that every variant of a seam has to do. Suites are lists of these values, so that any
 * runner executes them: `it.each(cases)` in vitest, a loop over `test` in node:test, `runCases` in
 * a command.
 */
export interface Case<Subject> {
  readonly name: string;
  /** Throws (an AssertionError) or rejects when the subject does not do it. */
  run(subject: Subject): void | Promise<void>;
}

export interface SelectedCase<Subject> extends Case<Subject> {
  /** Why the case does not apply to this subject; null = it runs. */
  readonly skipReason: string | null;
}

/**
 * The cases of a suite, with those marked that do not apply.
 * @param skip name of a case -> the reason why this subject cannot have it
 * @throws Error when a name is not in the suite or a reason is empty: a case that was renamed must
 * not stay skipped unseen.
 */
export function selectCases<Subject>(
  cases: readonly Case<Subject>[],
  skip: Readonly<Record<string, string>> = {},
): SelectedCase<Subject>[] {
  for (const [name, reason] of Object.entries(skip)) {
    if (!cases.some((entry) => entry.name === name)) throw new Error(`no case "${name}" to skip`);
    if (reason.trim() === '') throw new Error(`case "${name}" is skipped without a reason`);
  }
  return cases.map((entry) => ({ ...entry, skipReason: skip[entry.name] ?? null }));
}

export interface CaseResult {
  name: string;
  status: 'passed' | 'failed' | 'skipped';
  /** What failed, or why it was skipped; null when passed. */
  message: string | null;
}

/** Runs a suite one case after the other and never throws: a table for commands and CI. */
export async function runCases<Subject>(
  cases: readonly Case<Subject>[],
  subject: Subject,
  skip: Readonly<Record<string, string>> = {},
): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const { name, run, skipReason } of selectCases(cases, skip)) {
    if (skipReason !== null) {
      results.push({ name, status: 'skipped', message: skipReason });
      continue;
    }
    try {
      await run(subject);
      results.push({ name, status: 'passed', message: null });
    } catch (error) {
      results.push({ name, status: 'failed', message: messageOf(error) });
    }
  }
  return results;
}
