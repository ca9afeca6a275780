import type { LoadProfile, Scenario, ScenarioSize, TokenRange } from '../../model/index.ts';
import { formatNumber, formatSeconds, plainText } from '../format.ts';
import { createPaint } from '../terminal/paint.ts';
import { hangingLines } from '../terminal/wrap.ts';
import { textTable } from './text-table.ts';

interface TerminalOptions {
  columns: number;
  color: boolean;
}

/** What there is, a scenario a row. */
export function renderScenarioList(
  scenarios: readonly Scenario[],
  { color }: TerminalOptions,
): string {
  const rows = scenarios.map(({ id, label, title, scoring, classes }) => [
    id,
    label,
    plainText(title),
    scoring,
    ...[classes.full, classes.small].map((size) => formatSeconds(size.budgetS)),
  ]);
  const head = ['Scenario', 'Label', 'Title', 'Scoring', 'Budget full', 'Budget small'];
  return `${textTable({ caption: '', head, rows }, createPaint(color), [1, 2, 3]).join('\n')}\n`;
}

/** One scenario with the sizes that are asked for. */
export function renderScenario(
  scenario: Scenario,
  sha256: string,
  sizes: readonly ('full' | 'small')[],
  { columns, color }: TerminalOptions,
): string {
  const paint = createPaint(color);
  const width = Math.max(60, columns);
  const field = (name: string, text: string) =>
    hangingLines(`${name}:`.padEnd(13), plainText(text), width);
  return `${[
    paint.bold(`${scenario.label}  ${scenario.id}: ${plainText(scenario.title)}`),
    ...field('Measures', scenario.description),
    ...field('Parameters', scenario.source),
    ...field('Scoring', `${scenario.scoring}, the ${policies[scenario.policy]}`),
    ...field('SHA-256', sha256),
    ...sizes.flatMap((name) => [
      '',
      paint.bold(`Class ${name}`),
      ...sizeFacts(scenario.classes[name]).flatMap(([what, text]) => field(what, text)),
      '',
      ...textTable(profileTable(scenario.classes[name].profiles), paint, [1]),
    ]),
  ].join('\n')}\n`;
}

const policies = { final: 'last state counts', best_verified: 'best verified state counts' };

function sizeFacts(size: ScenarioSize): [name: string, text: string][] {
  const { limits, quality, seeds, reference } = size;
  return [
    ['Comparable', size.comparable ? 'yes' : 'no: says nothing about other machines and models'],
    ['Model', `${size.model}, up to ${size.maxModelTokens} tokens`],
    ['Reference', reference.description],
    ['Budget', formatSeconds(size.budgetS)],
    [
      'Requests',
      `temperature ${size.temperature}, ${size.ignoreEos ? 'full length' : 'may end early'}, ${size.disjointProfiles ? 'profiles have none in common' : 'profiles share them'}`,
    ],
    ['Seeds', seeds.map((pair) => `${pair.dev}/${pair.eval}`).join(', ')],
    [
      'Quality',
      quality === null
        ? 'by the correctness of the scoring'
        : `not worse than the reference by ${quality.marginPoints} points, at least ${quality.minQuestions} questions`,
    ],
    [
      'Limits',
      `${limits.cpus} cores, ${formatNumber(limits.memoryGiB)} GiB, ${limits.accelerator ?? 'no accelerator'}, ${limits.network ? 'network' : 'no network'}`,
    ],
  ];
}

function profileTable(profiles: readonly LoadProfile[]) {
  return {
    caption: 'Load profiles',
    head: ['Profile', 'Arrivals', 'Requests', 'In flight', 'Input tokens', 'Output tokens'],
    rows: profiles.map((profile) => [
      profile.id,
      profile.rateRps === null
        ? 'all at once'
        : `${profile.arrival}, from ${profile.rateRps} req/s`,
      String(profile.requests),
      String(profile.maxInFlight),
      rangeText(profile.inputTokens),
      rangeText(profile.outputTokens),
    ]),
  };
}

const rangeText = ({ max, lowShare }: TokenRange) => `${Math.ceil(max * lowShare)}–${max}`;
