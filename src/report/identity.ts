import { type Envelope, formatRate, type LevelSummary, type SloTemplate } from '../model/index.ts';
import { formatNumber, plainText } from './format.ts';

/** `smollm2-135m @ Q4_1 on Xeon` with unknown parts said to be unknown. */
export function modelLine(envelope: Envelope): string {
  const { model, hardware } = envelope;
  const quant = model.quant ?? model.quantAsked ?? 'unknown quantisation';
  return plainText(`${model.asked} @ ${quant} on ${hardware.detected}`);
}

/** `llama.cpp b4567`, or where the load went when no engine is known. */
export function engineLine(envelope: Envelope): string {
  const { engine, target } = envelope;
  if (engine.id === null) return plainText(`unknown, behind ${target.url}`);
  return plainText(`${engine.id} ${engine.version ?? '(version unknown)'}`);
}

/** `2.5 req/s` */
export const rateText = (rateRps: number): string => `${formatRate(rateRps)} req/s`;

/** `2.5 req/s`, `8 in flight`, `2 req/s sustained`: the level's name in a column head or a legend. */
export function levelName(level: LevelSummary): string {
  const { role, launch = 1 } = level;
  const sustained = role === 'sustained' ? ' sustained' : '';
  return `${loadName(level)}${sustained}${launch > 1 ? `, launch ${launch}` : ''}`;
}

/** As `levelName`; of a run with several launches the first is named too: `4 req/s, launch 1`. */
export function levelPlace({ levels }: Envelope, level: LevelSummary): string {
  const several = levels.some(({ launch = 1 }) => launch > 1);
  return `${levelName(level)}${several && (level.launch ?? 1) === 1 ? ', launch 1' : ''}`;
}

/** The load alone: `2.5 req/s`. */
export function loadName(level: LevelSummary): string {
  const { kind, rateRps, maxConcurrency, concurrencyAsked } = level.load;
  if (kind === 'closed') return `${maxConcurrency ?? '?'} in flight`;
  const rate = rateRps === null ? '? req/s' : rateText(rateRps);
  return concurrencyAsked === null ? rate : `c ${concurrencyAsked} = ${rate}`;
}

/** `open, poisson`, `closed`, with the cap on requests in flight where there is one. */
export function levelKind(level: LevelSummary): string {
  const { kind, arrival, maxConcurrency } = level.load;
  if (kind === 'closed') return 'closed';
  const cap = maxConcurrency === null ? '' : `, at most ${maxConcurrency} in flight`;
  return `open, ${arrival ?? 'unknown arrivals'}${cap}`;
}

/** One line on how the requests arrived and what they were. */
export function workloadLine(envelope: Envelope): string {
  const { workload, levels } = envelope;
  const kinds = [...new Set(levels.map(levelKind))].join('; ');
  const tokens = `${workload.inputTokens} tokens in, ${workload.outputTokens} out`;
  return plainText([kinds, workload.dataset, tokens].filter((part) => part !== '').join(' | '));
}

/** `llm.standard (TTFT <= 300 ms, TPOT <= 50 ms for 99 % of requests)` */
export function sloText(slo: SloTemplate): string {
  const limits = [
    ['TTFT', slo.ttftMs] as const,
    ['TPOT', slo.tpotMs] as const,
    ['E2E', slo.e2eMs] as const,
  ].flatMap(([name, ms]) => (ms === null ? [] : [`${name} <= ${ms} ms`]));
  const share = Number((slo.quantile * 100).toPrecision(6));
  return plainText(`${slo.id} (${limits.join(', ')} for ${share} % of requests)`);
}

/** The level that the headline speaks of; null when there is none. */
export function headlineLevel(envelope: Envelope): LevelSummary | null {
  return envelope.headline === null ? null : (envelope.levels[envelope.headline] ?? null);
}

/** In flight as reached, with what was asked where it was: `3.9 of 4`. */
export function inFlightText(level: LevelSummary): string {
  const reached = formatNumber(level.load.concurrencyReached);
  const { concurrencyAsked } = level.load;
  return concurrencyAsked === null ? reached : `${reached} of ${concurrencyAsked}`;
}

/** Failures, most frequent first, then what this side ended: `timeout 3, reset 1; cancelled by us 9`. */
export function failureText(level: LevelSummary): string {
  const { cancelled = 0 } = level.metrics.outcomes;
  const ended = cancelled > 0 ? `cancelled by us ${cancelled}` : '';
  return [failedText(level), ended].filter((part) => part !== '').join('; ');
}

/** Outcomes that are failures: neither ok nor cancelled by this side. */
export function failedText(level: LevelSummary): string {
  return Object.entries(level.metrics.outcomes)
    .filter(([outcome, count]) => outcome !== 'ok' && outcome !== 'cancelled' && count > 0)
    .sort(([, x], [, y]) => y - x)
    .map(([outcome, count]) => `${outcome} ${count}`)
    .join(', ');
}

/** The shell line that runs this again: the argv as passed, and the seed when it was not in it. */
export function reproduceCommand(envelope: Envelope): string {
  let argv = envelope.command.argv;
  if (/(^|[\\/])node(\.exe)?$/.test(argv[0] ?? '')) argv = argv.slice(2);
  if (/(^|[\\/])bench(\.js|\.cmd)?$/.test(argv[0] ?? '')) argv = argv.slice(1);
  // The folder is taken by this very result.
  argv = argv.filter((word, i) => word !== '--output' && argv[i - 1] !== '--output');
  argv = argv.filter((word) => !word.startsWith('--output='));
  const seeded = argv.some((word) => word === '--seed' || word.startsWith('--seed='));
  const words = ['bench', ...argv, ...(seeded ? [] : ['--seed', String(envelope.seed)])];
  return words.map(shellQuote).join(' ');
}

export function shellQuote(word: string): string {
  const text = plainText(word);
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
