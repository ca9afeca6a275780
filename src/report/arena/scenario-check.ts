import type { CheckedFolder, QuestionSetCheck, ScenarioCheck } from '../../model/index.ts';
import { formatSeconds, missing, plainText } from '../format.ts';
import { createPaint } from '../terminal/paint.ts';
import { hangingLines } from '../terminal/wrap.ts';
import { textTable } from './text-table.ts';
import { notCounted, outcomeWords } from './words.ts';

const verdictWords: Record<CheckedFolder['verdict'], string> = {
  as_expected: 'yes',
  not_as_expected: 'NO',
  unknown: 'not told',
};

/** What `bench arena scenario check` prints: a row for each folder, the questions, and the verdict. */
export function renderScenarioCheck(
  check: ScenarioCheck,
  path: string,
  { columns, color }: { columns: number; color: boolean },
): string {
  const paint = createPaint(color);
  const width = Math.max(60, columns);
  const { id, class: size } = check.scenario;
  const { sandbox } = check;
  const rows = check.folders.map((one) => [
    one.id,
    one.expected,
    outcomeWords[one.outcome],
    one.score === null ? missing : one.score.toFixed(3),
    speedText(one),
    one.failedChecks.join(', ') || missing,
    formatSeconds(one.tookS),
    one.verdict === 'as_expected' && one.why !== null
      ? 'could not cheat'
      : verdictWords[one.verdict],
  ]);
  const head = [
    'Folder',
    'Expected',
    'Outcome',
    'Score',
    'Speed-up',
    'Failed checks',
    'Took',
    'So?',
  ];
  const someNotCounted = check.folders.some((one) => one.speedup !== null && !speedCounts(one));
  const { accepted } = check;
  const verdict =
    accepted === null
      ? paint.yellow('not decided')
      : accepted
        ? paint.green('accepted')
        : paint.red('not accepted');
  return `${[
    paint.bold(
      `Scenario ${id}, class ${size}, judged ${sandbox.isolates ? `in ${sandbox.id}` : 'without a sandbox'}`,
    ),
    ...(rows.length > 0 ? textTable({ caption: '', head, rows }, paint, [1, 2, 5, 7]) : []),
    ...check.folders
      .filter(({ verdict, why }) => verdict === 'as_expected' && why !== null)
      .flatMap(({ id, why }) => hangingLines(`${id}: `, plainText(why ?? ''), width)),
    ...(someNotCounted ? [paint.dim(`(speed-up in brackets: ${notCounted})`)] : []),
    ...(check.questions === null ? [] : ['', ...questionLines(check.questions, width)]),
    '',
    `${id}, class ${size}: ${verdict}`,
    ...check.why.flatMap((why) => hangingLines('- ', plainText(why), width)),
    path,
  ].join('\n')}\n`;
}

const speedCounts = ({ outcome }: CheckedFolder) => outcome === 'scored' || outcome === 'regressed';

function speedText(folder: CheckedFolder): string {
  if (folder.speedup === null) return missing;
  const speed = folder.speedup.toFixed(3);
  return speedCounts(folder) ? speed : `(${speed})`;
}

function questionLines(questions: QuestionSetCheck, width: number): string[] {
  const { n, distinct, marginPoints, referenceShares, power, discordantShare } = questions;
  const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
  const field = (name: string, text: string) => hangingLines(`${name}:`.padEnd(13), text, width);
  const powerText = (of: QuestionSetCheck['power']['seen']) =>
    `${percent(of.normal)} (exact ${percent(of.exact)})`;
  return [
    ...field(
      'Questions',
      `n ${n}, ${distinct} different (${plainText(questions.name)}); margin ${marginPoints} points`,
    ),
    ...field(
      'Reference',
      `${referenceShares.map(percent).join(' and ')} right in two rounds, chance ${percent(questions.chanceShare)}; ${percent(discordantShare)} right in one of them only`,
    ),
    ...field(
      'Power',
      `${powerText(power.assumed)} where ${percent(power.assumed.discordantShare)} are right on one side only, ${powerText(power.seen)} where as many are as in the two rounds`,
    ),
  ];
}
