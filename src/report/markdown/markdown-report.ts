import type { Envelope, LevelSummary } from '../../model/index.ts';
import { allFindings } from '../findings.ts';
import { formatInterval, formatNumber, formatShare, plainText } from '../format.ts';
import {
  engineLine,
  headlineLevel,
  inFlightText,
  levelName,
  modelLine,
  reproduceCommand,
  sloText,
  workloadLine,
} from '../identity.ts';
import { throughputSentence } from '../metric-names.ts';
import type { Report } from '../report.ts';

/** For pull requests and notes: head, one table of levels, findings, the command. */
export const markdownReport: Report = {
  id: 'markdown',
  title: 'Markdown for issues, pull requests and notes',
  render: ({ envelope }) => `${renderMarkdown(envelope).join('\n')}\n`,
};

function renderMarkdown(envelope: Envelope): string[] {
  const headline = headlineLevel(envelope);
  const findings = allFindings(envelope);
  const notes = [
    ...(envelope.quickLook ? ['**Quick look**: sized to a time budget, not a benchmark.'] : []),
    ...(envelope.status === 'complete' ? [] : [`**Status: ${envelope.status}.**`]),
    ...(envelope.error ? [escape(`${envelope.error.code}: ${envelope.error.message}`)] : []),
  ];
  return [
    `## ${escape(modelLine(envelope))}`,
    '',
    ...(headline
      ? [`**${throughputSentence(envelope.metrics)}** (${escape(levelName(headline))})`, '']
      : []),
    ...notes.flatMap((note) => [note, '']),
    `- Engine: ${escape(engineLine(envelope))}`,
    `- Load: ${escape(workloadLine(envelope))}`,
    ...(envelope.slo ? [`- SLO: ${escape(sloText(envelope.slo))}`] : []),
    `- Run: \`${envelope.runId}\`, ${envelope.startedAt}, inferencebench ${envelope.tool.version}`,
    '',
    ...(envelope.levels.length === 0 ? [] : [...levelTable(envelope), '']),
    ...(findings.length === 0
      ? ['No findings.']
      : findings.map(
          ({ severity, code, message }) => `- **${severity}** \`${code}\`: ${escape(message)}`,
        )),
    '',
    ...codeBlock(reproduceCommand(envelope)),
  ];
}

const latencyColumns: readonly (readonly [string, string])[] = [
  ['TTFT p50', 'ttft_p50_ms'],
  ['TTFT p99', 'ttft_p99_ms'],
  ['ITL p50', 'itl_p50_ms'],
  ['ITL p99', 'itl_p99_ms'],
  ['TPOT p50', 'tpot_p50_ms'],
  ['TPOT p99', 'tpot_p99_ms'],
];

function levelTable(envelope: Envelope): string[] {
  const head = [
    ...['Load', ...latencyColumns.map(([name]) => `${name}, ms`)],
    ...['Output tok/s', 'Req/s', 'In flight', 'Errors', 'SLO'],
  ];
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const isHeadline = (level: LevelSummary) => level === headlineLevel(envelope);
  return [
    row(head),
    row(head.map((_, i) => (i === 0 ? '---' : '---:'))),
    ...envelope.levels.map((level) => {
      const name = escape(levelName(level));
      return row([isHeadline(level) ? `**${name}**` : name, ...levelCells(level)]);
    }),
    '',
    'Brackets: 95 % interval. `low n`: rests on too few requests. —: not measured.',
  ];
}

function levelCells(level: LevelSummary): string[] {
  const { values, intervals, flags } = level.metrics;
  return [
    ...latencyColumns.map(([, key]) => {
      const flag = flags[key] === 'low-n' ? ' `low n`' : '';
      return `${formatNumber(values[key])}${formatInterval(intervals[key])}${flag}`;
    }),
    formatNumber(values.throughput_tok_s),
    formatNumber(level.metrics.values.requests_per_s),
    inFlightText(level),
    formatShare(values.error_share),
    !level.valid ? 'invalid' : level.sloMet === null ? '—' : level.sloMet ? 'met' : 'not met',
  ];
}

function codeBlock(text: string): string[] {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}sh`, text, fence];
}

/** Text from outside stays text: no markup, no HTML, no new table cell. */
function escape(text: string): string {
  return plainText(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/[\\`*_[\]|#]/g, '\\$&');
}
