import type { Figures, Pair } from './figures.ts';
import { mean, quantile, sorted } from './statistics.ts';

/**
 * What the client says minus what the mock logged, milliseconds. The truth of a TTFT is from the
 * first byte of the request at the server to the write of the first token; of E2E to the last
 * write. Quantiles of TTFT and E2E are differences of quantiles, as a reader of two reports would
 * see them; "each" and all of ITL are errors of single requests and single tokens.
 */
export function compareWithTruth(pairs: readonly Pair[]): Figures {
  const ttftSaid: number[] = [];
  const ttftTrue: number[] = [];
  const e2eSaid: number[] = [];
  const e2eTrue: number[] = [];
  const itlSaid: number[] = [];
  const itlTrue: number[] = [];
  const itlError: number[] = [];
  let unlike = 0;
  for (const { said, truth } of pairs) {
    ttftSaid.push(said.ttftMs);
    ttftTrue.push((truth.writtenMs[0] ?? Number.NaN) - truth.receivedMs);
    e2eSaid.push(said.e2eMs);
    e2eTrue.push((truth.endMs ?? Number.NaN) - truth.receivedMs);
    if (said.itlMs.length !== truth.writtenMs.length - 1) {
      unlike++;
      continue;
    }
    for (let i = 0; i < said.itlMs.length; i++) {
      const gap = (truth.writtenMs[i + 1] ?? 0) - (truth.writtenMs[i] ?? 0);
      const own = said.itlMs[i] ?? Number.NaN;
      itlSaid.push(own);
      itlTrue.push(gap);
      itlError.push(Math.abs(own - gap));
    }
  }
  const ttft = pair(ttftSaid, ttftTrue);
  const itl = pair(itlSaid, itlTrue);
  const errors = sorted(itlError);
  const each = sorted(ttftSaid.map((said, i) => Math.abs(said - (ttftTrue[i] ?? 0))));
  return {
    'TTFT said, mean, ms': mean(ttftSaid),
    'TTFT true, mean, ms': mean(ttftTrue),
    'TTFT true, p99, ms': quantile(ttft.trueSorted, 0.99),
    'TTFT error, mean, ms': mean(ttftSaid) - mean(ttftTrue),
    'TTFT error, p50, ms': ttft.error(0.5),
    'TTFT error, p99, ms': ttft.error(0.99),
    'TTFT error, each, p99, ms': quantile(each, 0.99),
    'E2E error, mean, ms': mean(e2eSaid) - mean(e2eTrue),
    'ITL said, p50, ms': quantile(itl.saidSorted, 0.5),
    'ITL said, mean, ms': mean(itlSaid),
    'ITL said minus true, p99, ms': itl.error(0.99),
    'ITL true, p99, ms': quantile(itl.trueSorted, 0.99),
    'ITL error, each token, p50, ms': quantile(errors, 0.5),
    'ITL error, each token, p99, ms': quantile(errors, 0.99),
    'requests with other token counts': unlike,
    ...stampLag(pairs),
  };
}

function pair(said: readonly number[], truth: readonly number[]) {
  const saidSorted = sorted(said);
  const trueSorted = sorted(truth);
  return {
    saidSorted,
    trueSorted,
    error: (q: number) => quantile(saidSorted, q) - quantile(trueSorted, q),
  };
}

/**
 * How late each token was stamped after its write. Clocks of two processes have different origins
 * in the files: the smallest lag of the run is taken as zero, so the shortest way through the
 * kernel (10 to 40 us) is not in these figures.
 */
function stampLag(pairs: readonly Pair[]): Figures {
  const lags: number[] = [];
  for (const { said, truth } of pairs) {
    const stamps = said.stampsMs;
    if (stamps === null || stamps.length !== truth.writtenMs.length) continue;
    for (let i = 0; i < stamps.length; i++) {
      lags.push((stamps[i] ?? Number.NaN) - (truth.writtenMs[i] ?? 0));
    }
  }
  if (lags.length === 0) return {};
  const ordered = sorted(lags);
  const least = ordered[0] ?? 0;
  return {
    'stamp lag above the least, p50, ms': quantile(ordered, 0.5) - least,
    'stamp lag above the least, p99, ms': quantile(ordered, 0.99) - least,
  };
}
