import type { LevelRun } from '../model/index.ts';

/** Requests in each phase, averaged over each bin of time. */
export interface PhaseBins {
  fromUs: number;
  binUs: number;
  /** Wanted by the plan, not yet sent. */
  wait: Float64Array;
  /** Sent, no token yet: queue and prefill. */
  prefill: Float64Array;
  /** Between first and last token. */
  decode: Float64Array;
}

/** How many requests were in which phase over a level's time, in one pass and fixed memory. */
export function phaseBins(run: LevelRun, bins = 200): PhaseBins {
  const fromUs = run.startUs < run.windowStartUs ? run.startUs : run.windowStartUs;
  let toUs = run.endUs;
  for (const { endUs } of run.records) if (endUs > toUs) toUs = endUs;
  const binUs = Math.max(1, (toUs - fromUs) / bins);
  const grid = { fromUs, binUs, bins };
  const [wait, prefill, decode] = [createCover(grid), createCover(grid), createCover(grid)];
  for (const record of run.records) {
    const { intendedUs, endUs } = record;
    const sentUs = record.sentUs ?? endUs;
    const firstUs = record.firstTokenUs ?? endUs;
    wait.add(intendedUs, sentUs);
    prefill.add(sentUs, firstUs);
    decode.add(firstUs, record.lastTokenUs ?? endUs);
  }
  return {
    ...{ fromUs, binUs },
    ...{ wait: wait.means(), prefill: prefill.means(), decode: decode.means() },
  };
}

/** Sums how much of each bin intervals cover: ends in part, the bins between them by differences. */
function createCover({ fromUs, binUs, bins }: { fromUs: number; binUs: number; bins: number }) {
  const partial = new Float64Array(bins + 1);
  const whole = new Float64Array(bins + 2);
  return {
    add(startUs: number, stopUs: number) {
      const start = Math.max(0, (startUs - fromUs) / binUs);
      const stop = Math.min(bins, (stopUs - fromUs) / binUs);
      if (!(stop > start)) return;
      const [first, last] = [Math.floor(start), Math.floor(stop)];
      const put = (bin: number, share: number) => {
        partial[bin] = (partial[bin] as number) + share;
      };
      if (first === last) return put(first, stop - start);
      put(first, first + 1 - start);
      put(last, stop - last);
      whole[first + 1] = (whole[first + 1] as number) + 1;
      whole[last] = (whole[last] as number) - 1;
    },
    means(): Float64Array {
      let running = 0;
      return Float64Array.from({ length: bins }, (_, i) => {
        running += whole[i] as number;
        return (partial[i] as number) + running;
      });
    },
  };
}
