import type { TrialResult, TrialScore } from '../../model/index.ts';
import { plainText } from '../format.ts';
import { createPaint } from '../terminal/paint.ts';
import { hangingLines } from '../terminal/wrap.ts';
import { checkLines } from './check-lines.ts';
import { notCounted, partInterval } from './words.ts';

/** What `bench arena judge` prints: the outcome, the speeds, and what was seen, a check a line. */
export function renderJudgement(
  trial: TrialResult,
  score: TrialScore,
  { columns, color }: { columns: number; color: boolean },
): string {
  const paint = createPaint(color);
  const width = Math.max(60, columns);
  const good = score.outcome === 'scored' || score.outcome === 'regressed';
  const headline = `${score.outcome}${score.score === null ? '' : `  ${score.score.toFixed(3)}`}`;
  const paintVerdict = {
    pass: paint.green,
    flag: paint.yellow,
    fail: paint.red,
    not_run: paint.dim,
  };
  return `${[
    (good ? paint.bold : paint.red)(headline),
    ...(score.reason === null ? [] : hangingLines('reason ', plainText(score.reason), width)),
    '',
    ...score.parts.map(({ profile, term, ratio, interval }) => {
      const speed = `${ratio.toFixed(3)}x  ${term} of ${profile}`;
      if (!score.speedCounts) return paint.dim(`${notCounted}: ${speed}`);
      return `${speed}${interval === null ? '' : ` (${partInterval(interval)})`}`;
    }),
    ...(score.parts.length > 0 ? [''] : []),
    // Where nothing was collected, there is no state with checks.
    ...(trial.final === null
      ? hangingLines('the checks did not run: ', ended(trial), width).map(paint.dim)
      : []),
    ...checkLines(trial.final?.checks ?? []).flatMap(({ ids, check }) => {
      const { id, verdict, evidence } = check;
      const [first = '', ...rest] =
        ids.length > 1
          ? hangingLines(`${ids.length} checks did not run: `, plainText(evidence), width)
          : hangingLines(`${verdict.padEnd(8)} ${id.padEnd(18)} `, plainText(evidence), width);
      if (ids.length > 1) return [first, ...rest].map(paint.dim);
      return [paintVerdict[verdict](first.slice(0, 8)) + first.slice(8), ...rest];
    }),
    '',
    ...groundLines(trial, width),
    ...score.doubts.flatMap(({ message }) => hangingLines('doubt ', plainText(message), width)),
    `result: ${score.path}`,
    `page:   ${score.path}/trial.html`,
  ].join('\n')}\n`;
}

/** As the checks of other early ends say it. */
const ended = ({ outcome }: TrialResult) =>
  `ended before${outcome.reason === null ? '' : `: ${plainText(outcome.reason)}`}`;

/** Where it was judged, who held which limit, and what the machine lacks. */
function groundLines({ ground }: TrialResult, width: number): string[] {
  if (ground === undefined) return [];
  const held = (limits: typeof ground.server) =>
    limits === null
      ? 'not started'
      : limits.map(({ limit, asked, by }) => `${limit} ${asked} by ${by}`).join(', ');
  return [
    ...hangingLines('judged in ', plainText(ground.sandbox), width),
    ...hangingLines('server    ', plainText(held(ground.server)), width),
    ...hangingLines('reference ', plainText(held(ground.reference)), width),
    ...ground.notes.flatMap((note) => hangingLines('note      ', plainText(note), width)),
    '',
  ];
}
