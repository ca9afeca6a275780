import {
  type Envelope,
  formatRealisedRate,
  type Knee,
  type LevelSummary,
} from '../../model/index.ts';
import { criterionText, isKneeUnknown } from '../article.ts';
import { formatNumber, formatShare, missing } from '../format.ts';
import { levelName } from '../identity.ts';
import { levelAt, levelsByLoad, searchLevels, slosOf } from './levels.ts';
import type { TableData } from './table.ts';

const verdictWords: Readonly<Record<Knee['verdict'], string>> = {
  proven: 'proven (95 %)',
  'not-proven': 'by point estimate, not proven',
  refuted: 'refuted',
  unknown: 'unknown',
};

const failureWords = {
  slo: 'SLO missed',
  'falls-behind': 'falls behind the arrivals',
  errors: 'too many errors',
  invalid: 'not fit to be judged',
} as const;

/** Highest load of each SLO and of each limit alone, with its bracket. */
export function maxLoadTable(envelope: Envelope): TableData | null {
  const knees = envelope.method?.sweep?.knees ?? [];
  if (knees.length === 0) return null;
  return {
    caption:
      'Highest rate at which each limit holds: requests that arrived per second, with the rate planned',
    head: ['Limit', 'Max rate', 'Output tok/s there', 'First failing rate', 'Evidence'],
    rows: knees.map((knee) => kneeRow(envelope, knee)),
  };
}

function kneeRow(envelope: Envelope, knee: Knee): string[] {
  const level = levelAt(envelope, knee.level);
  return [
    criterionName(envelope, knee.criterion),
    knee.maxRateRps === null
      ? isKneeUnknown(knee)
        ? 'unknown'
        : 'none'
      : formatRealisedRate(knee.offeredRps, knee.maxRateRps),
    formatNumber(level?.metrics.values.throughput_tok_s),
    failText(knee),
    evidence(level, knee),
  ];
}

/** The limit in words, with the SLO that it is of: `TTFT <= 300 ms for 99 % of requests (llm.standard)`. */
function criterionName(envelope: Envelope, criterion: string): string {
  const text = criterionText(criterion, slosOf(envelope));
  const slo = slosOf(envelope).find(({ id }) => criterion === id || criterion.startsWith(`${id}:`));
  if (slo === undefined) return text;
  return criterion === slo.id ? `${slo.id}: ${text}` : `${text}, alone (${slo.id})`;
}

function failText({ failRps, failOfferedRps, failedBy }: Knee): string {
  if (failRps === null) return 'none tried fails';
  const rate = formatRealisedRate(failOfferedRps, failRps);
  return `${rate}: ${failedBy === null ? missing : failureWords[failedBy]}`;
}

function evidence(level: LevelSummary | null, knee: Knee): string {
  const outcome = level?.slos?.find(({ criterion }) => criterion === knee.criterion);
  const words = verdictWords[knee.verdict];
  if (outcome === undefined || outcome.attained === null) return words;
  const within = outcome.requests - outcome.misses;
  return `${words}: ${within} of ${outcome.requests} within (${formatShare(outcome.attained)}, at least ${formatShare(outcome.lower)})`;
}

/** Of each level and SLO: the share within, its bounds, what follows. */
export function attainmentTable(envelope: Envelope): TableData | null {
  const ids = slosOf(envelope).map(({ id }) => id);
  const rows = levelsByLoad(envelope).flatMap((level) =>
    (level.slos ?? [])
      .filter(({ criterion }) => ids.includes(criterion))
      .map((outcome) => [
        levelName(level),
        outcome.criterion,
        `${outcome.requests - outcome.misses} of ${outcome.requests}`,
        formatShare(outcome.attained),
        outcome.lower === null
          ? missing
          : `${formatShare(outcome.lower)} to ${formatShare(outcome.upper)}`,
        outcome.met === null ? missing : outcome.met ? 'met' : 'not met',
        verdictWords[outcome.verdict],
      ]),
  );
  if (rows.length === 0) return null;
  return {
    caption: 'Requests within each SLO by level; bounds are one-sided 95 % Clopper–Pearson',
    head: ['Load', 'SLO', 'Within', 'Share', 'Bounds', 'SLO is', 'Evidence'],
    rows,
  };
}

/** What a verdict on one SLO rests on: its knee, or the levels where nothing was swept. */
export function maxLoadSentence(
  envelope: Envelope,
  id: string,
): { met: boolean | null; text: string; detail: string } {
  const knee = envelope.method?.sweep?.knees.find(({ criterion }) => criterion === id);
  if (knee !== undefined) {
    const fails = knee.failRps === null ? 'no tried rate fails' : `fails at ${failText(knee)}`;
    if (isKneeUnknown(knee)) return { met: null, text: 'unknown', detail: failText(knee) };
    if (knee.maxRateRps === null) {
      return { met: false, text: 'not met at any rate', detail: fails };
    }
    const met = `met up to ${formatRealisedRate(knee.offeredRps, knee.maxRateRps)}`;
    return { met: true, text: met, detail: `${verdictWords[knee.verdict]}; ${fails}` };
  }
  const outcomes = searchLevels(envelope).map((level) => ({
    level,
    met:
      level.slos?.find(({ criterion }) => criterion === id)?.met ??
      (id === envelope.slo?.id ? level.sloMet : null),
  }));
  const failed = outcomes.findIndex(({ met }) => met === false);
  const best = (failed < 0 ? outcomes : outcomes.slice(0, failed)).findLast(({ met }) => met);
  if (best !== undefined) {
    const next = outcomes[failed]?.level;
    const detail = next === undefined ? 'no level misses it' : `missed at ${levelName(next)}`;
    return { met: true, text: `met up to ${levelName(best.level)}`, detail };
  }
  if (failed >= 0) return { met: false, text: 'not met at any level', detail: '' };
  return { met: null, text: 'not decided', detail: 'no request that can be judged' };
}
