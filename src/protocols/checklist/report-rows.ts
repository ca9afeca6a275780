import type { Envelope, LevelSummary } from '../../model/index.ts';
import type { Judged } from './judged.ts';

/** The level that the result is quoted by, else the first. */
const quotedLevel = ({ levels, headline }: Envelope): LevelSummary | undefined =>
  levels.find(({ index }) => index === headline) ?? levels[0];

const shown = (value: unknown): string =>
  typeof value === 'number' ? String(Number(value.toPrecision(3))) : 'none';

export function tailRow(envelope: Envelope): Judged {
  const level = quotedLevel(envelope);
  const values = level?.metrics.values ?? {};
  const keys = ['ttft_p50_ms', 'ttft_p99_ms', 'ttft_p99_9_ms'];
  const [p50, p99, p999] = keys.map((key) =>
    typeof values[key] === 'number' ? `${shown(values[key])} ms` : 'not measured',
  );
  const low = keys.filter((key) => level?.metrics.flags[key] === 'low-n').length;
  const n = shown(values['requests_ok']);
  const doubt = low === 0 ? '' : `, ${low} of them on few requests`;
  const fact = `TTFT p50 ${p50}, p99 ${p99}, p99.9 ${p999} over ${n} requests${doubt}`;
  if (keys.every((key) => typeof values[key] === 'number')) return { verdict: 'pass', fact };
  return { verdict: 'fail', fact: `${fact}; a p99 takes 100 requests, a p99.9 takes 1000` };
}

export function hardwareRow({ system, environment, hardware }: Envelope): Judged {
  if (system === undefined) return { verdict: 'unknown', fact: hardware.detected };
  const { gpu, gpuCount, interconnect } = system;
  if (gpuCount.value === 0) {
    const fact = `no GPU; ${environment.cpuModel}, ${environment.cpuCount} CPUs`;
    return gpuCount.from === 'machine'
      ? { verdict: 'pass', fact }
      : { verdict: 'unknown', fact: 'no GPU, as stated; which processor is not known here' };
  }
  const isKnown = (fact: { value: unknown }) => fact.value !== null;
  const needsLink = gpuCount.value === null || gpuCount.value > 1;
  const parts = [
    `${gpuCount.value ?? 'an unknown number of'}x ${gpu.value ?? 'an unknown GPU'}`,
    ...(needsLink ? [`interconnect ${interconnect.value ?? 'unknown'}`] : []),
  ];
  const complete = isKnown(gpu) && isKnown(gpuCount) && (!needsLink || isKnown(interconnect));
  if (complete) return { verdict: 'pass', fact: parts.join(', ') };
  const flags = [
    ...(isKnown(gpu) ? [] : ['--hardware']),
    ...(isKnown(gpuCount) ? [] : ['--gpus']),
    ...(needsLink && !isKnown(interconnect) ? ['--interconnect'] : []),
  ];
  return { verdict: 'unknown', fact: `${parts.join(', ')}: state it with ${flags.join(', ')}` };
}

export function quantizationRow({ model }: Envelope): Judged {
  if (model.quant !== null) return { verdict: 'pass', fact: `${model.quant}, as served` };
  if (model.quantAsked !== null) return { verdict: 'pass', fact: `${model.quantAsked}, as stated` };
  return { verdict: 'unknown', fact: 'the server does not say: state it with --quant' };
}

/** In flight on average, by Little's law, with the latency that the throughput came with. */
export function batchRow(envelope: Envelope): Judged {
  const level = quotedLevel(envelope);
  const reached = level?.load.concurrencyReached ?? null;
  const values = level?.metrics.values ?? {};
  const rate = values['throughput_tok_s'];
  const [name, latency] = (
    [
      ['ITL', values['itl_p50_ms']],
      ['TPOT', values['tpot_p50_ms']],
      ['E2E', values['e2e_p50_ms']],
    ] as const
  ).find(([, value]) => typeof value === 'number') ?? ['', null];
  if (reached === null) return { verdict: 'unknown', fact: 'requests in flight were not measured' };
  const slots = envelope.target.slots === null ? '' : ` of ${envelope.target.slots} slots`;
  const fact = `${shown(reached)} in flight on average${slots}`;
  if (typeof rate !== 'number' || typeof latency !== 'number') {
    return { verdict: 'fail', fact: `${fact}, but no throughput with a latency beside it` };
  }
  return {
    verdict: 'pass',
    fact: `${fact}: ${shown(rate)} tok/s at ${shown(latency)} ms p50 ${name}`,
  };
}

export function bothPhasesRow(envelope: Envelope): Judged {
  const { ttft_p50_ms: ttft, itl_p50_ms: itl } = quotedLevel(envelope)?.metrics.values ?? {};
  return {
    verdict: typeof ttft === 'number' && typeof itl === 'number' ? 'pass' : 'fail',
    fact: `TTFT p50 ${shown(ttft)} ms, ITL p50 ${shown(itl)} ms`,
  };
}
