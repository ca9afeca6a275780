import { setMaxListeners } from 'node:events';
import { type Clock, messageOf, redactText, sleepMs } from '../core/index.ts';
import type { ConformanceRow, ConformanceVerdict } from '../model/index.ts';
import type { ProbeContexts } from './context.ts';
import type { Probe, RowSpec } from './probe.ts';

export interface RunProbesDeps {
  clock: Clock;
  /** Ctrl-C. */
  signal: AbortSignal;
  /** Longest time of one family, and of all, milliseconds. */
  probeLimitMs: number;
  wholeLimitMs: number;
  /** Called before each family. */
  onProbe?: (probe: Probe) => void;
}

export interface ProbedRows {
  /** One for every declared row, in their order. */
  rows: ConformanceRow[];
  /** Every family came to its end. */
  complete: boolean;
}

const evidenceLength = 300;

/**
 * Runs families one after the other. Whatever the server does, and whatever a probe does, it ends
 * within the limits; rows that were not decided by then are `unknown` and say why.
 */
export async function runProbes(
  probes: readonly Probe[],
  contexts: ProbeContexts,
  deps: RunProbesDeps,
): Promise<ProbedRows> {
  const { clock, signal } = deps;
  const found = new Map<string, { verdict: ConformanceVerdict; evidence: string }>();
  const whole = AbortSignal.any([signal, AbortSignal.timeout(deps.wholeLimitMs)]);
  let complete = true;
  const why = () =>
    signal.aborted ? 'interrupted' : whole.aborted ? timeWords(deps.wholeLimitMs) : null;
  await within(clock, deps.probeLimitMs, whole, (own) => contexts.open(own));
  for (const probe of probes) {
    const declared = new Set(probe.rows.map(({ id }) => id));
    let open = true;
    let stopped = why();
    if (stopped === null) {
      deps.onProbe?.(probe);
      const end = await within(clock, deps.probeLimitMs, whole, (own) =>
        probe.run(contexts.of(own), (id, verdict, evidence) => {
          // What comes after its time was decided without an answer.
          if (!open || own.aborted || found.has(id)) return;
          if (!declared.has(id)) throw new Error(`${probe.id} has no row ${id}`);
          found.set(id, { verdict, evidence: tidy(evidence) });
        }),
      );
      open = false;
      if (end !== null) stopped = why() ?? end;
    }
    if (stopped !== null) complete = false;
    for (const id of declared) {
      if (found.has(id)) continue;
      found.set(id, { verdict: 'unknown', evidence: tidy(stopped ?? 'not decided') });
    }
  }
  const rows = probes.flatMap((probe) =>
    probe.rows.map((row): ConformanceRow => {
      const { verdict, evidence } = found.get(row.id) ?? { verdict: 'unknown', evidence: '' };
      const { id, title, asked } = row;
      return { id, title, asked, verdict, evidence, meaning: meaningOf(row, verdict) };
    }),
  );
  return { rows, complete };
}

/** What a verdict of a row means for a benchmark. */
export function meaningOf({ means }: RowSpec, verdict: ConformanceVerdict): string {
  return means[verdict] ?? commonMeanings[verdict] ?? '';
}

const commonMeanings: Partial<Record<ConformanceVerdict, string>> = {
  error: 'It fails here: keep such requests out of a measurement.',
  unknown: 'Not decided: a benchmark must not rely on it.',
};

/** Runs work under a signal of its own. @returns null when it ended, else why it did not. */
async function within(
  clock: Clock,
  limitMs: number,
  outer: AbortSignal,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<string | null> {
  const limit = new AbortController();
  const over = new AbortController();
  const own = AbortSignal.any([outer, limit.signal]);
  const waiting = AbortSignal.any([outer, over.signal]);
  // A probe of the queue has as many requests under one signal as it needs.
  setMaxListeners(0, own);
  // Work that minds its signal ends by itself; what does not is left behind.
  const late = sleepMs(clock, limitMs, waiting).then(
    () => timeWords(limitMs),
    () => 'stopped',
  );
  try {
    const done = work(own).then(
      () => (own.aborted ? 'stopped' : null),
      (error: unknown) => `the probe failed: ${redactText(messageOf(error))}`,
    );
    return await Promise.race([done, late]);
  } finally {
    limit.abort();
    over.abort();
  }
}

const timeWords = (ms: number) => `not decided within ${Math.round(ms / 1000)} s`;

/** One line, of bounded length. */
function tidy(evidence: string): string {
  const line = redactText(evidence).replaceAll(/\s+/g, ' ').trim();
  return line.length <= evidenceLength ? line : `${line.slice(0, evidenceLength - 1)}…`;
}
