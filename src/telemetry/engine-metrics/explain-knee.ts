import type { Finding, LevelEngine, LevelSummary } from '../../model/index.ts';

/** KV cache in use from which on a request has to wait for room. */
const fullKv = 0.95;

/**
 * Why the first rate that failed did so, by what the engine said of it: preemptions, a full KV cache,
 * a queue in front of a full batch, or none of these. Nothing without the engine's word.
 *
 * @param passed highest level that holds; null where none does
 */
export function explainKnee(passed: LevelSummary | null, failed: LevelSummary | null): Finding[] {
  const at = failed?.engine;
  if (failed === null || at === undefined || at.running === null) return [];
  const cause = causeOf(at);
  if (cause === null) return [];
  const before = passed?.engine === undefined ? '' : ` Before it: ${evidence(passed.engine)}.`;
  return [
    {
      code: 'knee-cause',
      severity: 'info',
      message: `why this rate is over the knee, by the engine's own metrics: ${cause}. Here: ${evidence(at)}.${before}`,
      level: failed.index,
    },
  ];
}

function causeOf({ running, waiting, kvUse, preemptions }: LevelEngine): string | null {
  const kvMax = kvUse?.max ?? null;
  if (preemptions !== null && preemptions > 0) {
    return `the KV cache ran full, and requests were thrown out of it and computed anew; more KV memory, shorter contexts or a smaller batch would move the knee`;
  }
  const queued = waiting !== null && waiting.mean >= 1;
  if (kvMax !== null && kvMax >= fullKv && queued) {
    return `the KV cache is full and requests wait for room in it; more KV memory or shorter contexts would move the knee`;
  }
  if (queued) {
    const room =
      kvMax === null
        ? ' (how full its KV cache is, it does not tell)'
        : ' while the KV cache has room';
    return `requests queue in front of a full batch${room}; more slots (a larger batch) or another replica would move the knee`;
  }
  if (waiting === null) return null;
  return `no queue at the engine: every request runs at once, and the batch of ${short(running?.mean ?? 0)} makes each step slow; the processor is the limit, or the time passes outside the engine`;
}

function evidence({ running, waiting, kvUse, preemptions, spanS }: LevelEngine): string {
  const parts = [
    running && `${short(running.mean)} running (at most ${short(running.max)})`,
    waiting && `${short(waiting.mean)} waiting (at most ${short(waiting.max)})`,
    kvUse && `KV cache ${percent(kvUse.mean)} full (at most ${percent(kvUse.max)})`,
    preemptions !== null && spanS !== null && `${preemptions} preemptions in ${short(spanS)} s`,
  ];
  return parts.filter(Boolean).join(', ');
}

const short = (value: number) => String(Number(value.toPrecision(3)));
const percent = (share: number) => `${Number((100 * share).toPrecision(3))} %`;
