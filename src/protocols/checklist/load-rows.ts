import { type Envelope, formatRate, type LevelSummary } from '../../model/index.ts';
import { isPlainLevel } from '../find-knees.ts';
import { overloadedCode } from '../keeping-up.ts';
import type { Judged } from './judged.ts';

const minWarmUpRequests = 50;
const minDurationS = 60;

/** Levels of the first launch that the result is about. */
const plainLevels = ({ levels }: Envelope) => levels.filter(isPlainLevel);

/** Discarded runs and the gate's requests: both are over before anything is counted. */
export function warmUpRow({ method }: Envelope): Judged {
  if (method === undefined) return { verdict: 'unknown', fact: 'the result does not say' };
  const warmUp = method.warmUps.find(({ launch }) => launch === 1);
  const gate = method.gates[0];
  const sent = warmUp === undefined ? 0 : warmUp.runs * warmUp.requestsPerRun;
  const total = sent - (warmUp?.failed ?? 0) + (gate?.requests ?? 0);
  const parts = [
    ...(warmUp === undefined
      ? []
      : [
          `${warmUp.runs} discarded ${plural(warmUp.runs, 'run')} of ${warmUp.requestsPerRun}, ${warmUp.inFlight} in flight${warmUp.failed === 0 ? '' : `, ${warmUp.failed} failed`}`,
        ]),
    ...(gate === undefined
      ? []
      : [`${gate.requests} one at a time (${gate.passed ? 'steady' : 'not steady'} after that)`]),
  ];
  const fact = parts.length === 0 ? 'no warm-up' : `${total} requests: ${parts.join('; ')}`;
  return { verdict: total >= minWarmUpRequests ? 'pass' : 'fail', fact };
}

export function openLoopRow(envelope: Envelope): Judged {
  const levels = plainLevels(envelope);
  const closed = levels.filter(({ load }) => load.kind === 'closed');
  if (closed.length > 0) {
    const callers = closed.map(({ load }) => load.maxConcurrency ?? '?').join(', ');
    const fact = `closed loop with ${callers} in flight: a slow server slows its own load`;
    return { verdict: 'fail', fact };
  }
  const arrivals = [...new Set(levels.map(({ load }) => load.arrival ?? 'unknown'))];
  const poisson = arrivals.every((arrival) => arrival === 'poisson' || arrival === 'gamma:1');
  if (!poisson)
    return { verdict: 'fail', fact: `open loop, but arrivals are ${arrivals.join(', ')}` };
  const capped = levels.filter(({ load }) => load.maxConcurrency !== null);
  if (capped.length === 0) return { verdict: 'pass', fact: 'open loop, Poisson arrivals, no cap' };
  return judgeCap(capped);
}

/** Where a cap on requests in flight was reached, the loop was closed there. */
function judgeCap(capped: readonly LevelSummary[]): Judged {
  const reached = capped.map(({ load, client }) =>
    client === null ? null : client.figures.inFlightMax >= (load.maxConcurrency ?? Infinity),
  );
  const cap = capped[0]?.load.maxConcurrency;
  if (reached.includes(true)) {
    const count = reached.filter((one) => one === true).length;
    const fact = `a cap of ${cap} in flight was reached at ${count} of ${capped.length} levels: sends waited for replies there`;
    return { verdict: 'fail', fact };
  }
  if (reached.includes(null)) {
    return { verdict: 'unknown', fact: `Poisson arrivals with a cap of ${cap} in flight` };
  }
  return {
    verdict: 'pass',
    fact: `open loop, Poisson arrivals; the cap of ${cap} was not reached`,
  };
}

/** Lengths that vary as the article's own distributions do. */
const articleLengths = /\b(chat|code|long-context|summari[sz]ation)/i;

export function promptsRow({ command, workload }: Envelope): Judged {
  const { dataset: asked } = command.resolved;
  const dataset = typeof asked === 'string' ? asked : workload.dataset;
  const { inputTokens, outputTokens } = workload;
  const lengths = `${inputTokens} tokens in, ${outputTokens} out`;
  const facts = `${workload.dataset}; ${lengths}`;
  if (/^(sharegpt|jsonl)/i.test(dataset)) return { verdict: 'pass', fact: facts };
  if (articleLengths.test(`${dataset} ${inputTokens}`)) return { verdict: 'pass', fact: facts };
  const isFixed = [inputTokens, outputTokens].every((text) => /^\d+(:0)?$/.test(text));
  if (isFixed) {
    return { verdict: 'fail', fact: `${facts}: every request has the same length` };
  }
  return { verdict: 'unknown', fact: `${facts}: only you know whether yours are like that` };
}

export function sweepRow(envelope: Envelope): Judged {
  const levels = plainLevels(envelope);
  const rates = [
    ...new Set(levels.flatMap(({ load }) => (load.rateRps === null ? [] : [load.rateRps]))),
  ].sort((a, b) => a - b);
  if (rates.length === 0) return { verdict: 'fail', fact: 'no request rate: closed loop only' };
  const range = rates.length === 1 ? [rates[0]] : [rates[0], rates.at(-1)];
  const shown = range.map((rate) => formatRate(rate ?? 0)).join(' to ');
  if (rates.length === 1) return { verdict: 'fail', fact: `one rate, ${shown} req/s` };
  const knees = envelope.method?.sweep?.knees ?? [];
  const failed = knees.map(({ failRps }) => failRps).filter((rate) => rate !== null);
  const beyond =
    knees.length === 0
      ? ''
      : failed.length === 0
        ? '; none failed, so the knee lies above'
        : `; the first failed at ${formatRate(Math.min(...failed))}`;
  return { verdict: 'pass', fact: `${rates.length} planned rates, ${shown} req/s${beyond}` };
}

/** A level whose queue was seen to grow may end early: its length would change nothing. */
export function durationRow(envelope: Envelope): Judged {
  // What a sustained run holds is a rate too.
  const levels = envelope.levels.filter(
    (level) => isPlainLevel(level) || (level.role === 'sustained' && (level.launch ?? 1) === 1),
  );
  const lengths = levels.flatMap((level) => {
    const seconds = (level.windowEndUs - level.windowStartUs) / 1e6;
    const stopped = level.findings.some(({ code }) => code === overloadedCode);
    return stopped ? [] : [{ level, seconds }];
  });
  const stopped = levels.length - lengths.length;
  const note = stopped === 0 ? '' : `; ${stopped} overloaded and ended early`;
  if (lengths.length === 0) return { verdict: 'fail', fact: `no level ran its length${note}` };
  const shortest = lengths.reduce((a, b) => (b.seconds < a.seconds ? b : a));
  const all = lengths.map(({ seconds }) => seconds);
  const [least, most] = [Math.min(...all), Math.max(...all)].map((s) => Number(s.toPrecision(3)));
  const span = least === most ? `${least} s each` : `${least} to ${most} s`;
  // A window that ends with its last send falls short of 60 s by a gap between two sends.
  return {
    verdict: shortest.seconds >= minDurationS - 1e-3 ? 'pass' : 'fail',
    fact: `${lengths.length} ${plural(lengths.length, 'level')}, ${span}${note}`,
  };
}

const plural = (count: number, word: string) => (count === 1 ? word : `${word}s`);
