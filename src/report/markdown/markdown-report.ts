import type { Envelope } from '../../model/index.ts';
import { engineNote, engineTable, spreadTable, viewsTable } from '../content/engine.ts';
import { factGroups } from '../content/facts.ts';
import { levelAt, searchLevels, slosOf } from '../content/levels.ts';
import { devicesTable, machineTable } from '../content/machines.ts';
import { attainmentTable, maxLoadTable } from '../content/max-load.ts';
import { resultsTable } from '../content/results.ts';
import {
  batchTable,
  launchStarts,
  launchTable,
  sustainedSentence,
  traceTable,
} from '../content/search.ts';
import { gateTable, steadyTable, warmUpTable } from '../content/steadiness.ts';
import { factText, type TableData } from '../content/table.ts';
import { checklistTable, clientBoundsTable, costTable, selftestTable } from '../content/trust.ts';
import { verdictsOf } from '../content/verdicts.ts';
import { allFindings } from '../findings.ts';
import {
  engineLine,
  headlineLevel,
  levelName,
  levelPlace,
  modelLine,
  reproduceCommand,
  shellQuote,
  sloText,
  workloadLine,
} from '../identity.ts';
import { throughputSentence } from '../metric-names.ts';
import type { Report } from '../report.ts';
import { levelTable } from './level-table.ts';
import { codeBlock, escapeMarkdown, renderTable } from './markup.ts';

/** For pull requests and notes: what the HTML page says, without its charts. */
export const markdownReport: Report = {
  id: 'markdown',
  title: 'Markdown for issues, pull requests and notes',
  render: ({ envelope }) => `${renderMarkdown(envelope).join('\n')}\n`,
};

function renderMarkdown(envelope: Envelope): string[] {
  const { commandLine } = envelope.engine;
  const sections: [string, string[]][] = [
    ['Verdicts', verdicts(envelope)],
    ['Latency against load', levelTable(envelope)],
    ['What the engine says', engine(envelope)],
    ['Highest load within each limit', tables(maxLoadTable(envelope), attainmentTable(envelope))],
    ['Results and their measurement condition', tables(resultsTable(envelope))],
    ['Throughput and what it costs', tables(batchTable(searchLevels(envelope)))],
    [
      'Warm-up, gates and the steady window',
      tables(warmUpTable(envelope), gateTable(envelope), steadyTable(envelope)),
    ],
    ['Search, sustained run and launches', search(envelope)],
    ['Checklist', tables(checklistTable(envelope))],
    ['Findings', findings(envelope)],
    ['What the client adds', client(envelope)],
    [
      'Cost and energy',
      envelope.levels.length === 0 ? [] : tables(costTable(envelope), devicesTable(envelope)),
    ],
    ['Measurement conditions', conditions(envelope)],
    ['Reproduce', codeBlock(reproduceCommand(envelope))],
    ['Engine command line', commandLine ? codeBlock(commandLine.map(shellQuote).join(' ')) : []],
  ];
  return [
    ...head(envelope),
    ...sections.flatMap(([title, lines]) =>
      lines.length === 0 ? [] : ['', `### ${title}`, '', ...lines],
    ),
  ];
}

function head(envelope: Envelope): string[] {
  const headline = headlineLevel(envelope);
  const notes = [
    ...(envelope.quickLook ? ['**Quick look**: sized to a time budget, not a benchmark.'] : []),
    ...(envelope.status === 'complete' ? [] : [`**Status: ${envelope.status}.**`]),
    ...(envelope.error
      ? [escapeMarkdown(`${envelope.error.code}: ${envelope.error.message}`)]
      : []),
  ];
  return [
    `## ${escapeMarkdown(modelLine(envelope))}`,
    '',
    ...(headline
      ? [`**${throughputSentence(envelope.metrics)}** (${escapeMarkdown(levelName(headline))})`, '']
      : []),
    ...notes.flatMap((note) => [note, '']),
    `- Engine: ${escapeMarkdown(engineLine(envelope))}`,
    `- Load: ${escapeMarkdown(workloadLine(envelope))}`,
    ...slosOf(envelope).map((slo) => `- SLO: ${escapeMarkdown(sloText(slo))}`),
    `- Run: \`${envelope.runId}\`, ${envelope.startedAt}, inferencebench ${envelope.tool.version}`,
  ];
}

const icons = { good: '✅', warn: '⚠️', bad: '❌', plain: '➖' } as const;

function verdicts(envelope: Envelope): string[] {
  const rows = verdictsOf(envelope).map(({ tone, label, value, detail }) => [
    label,
    `${icons[tone]} ${value}`,
    detail,
  ]);
  return renderTable({ caption: '', head: ['', 'Verdict', 'Evidence'], rows }, [1, 2]);
}

function search(envelope: Envelope): string[] {
  const sweep = envelope.method?.sweep ?? null;
  const sustained = sustainedSentence(envelope);
  const shown = tables(traceTable(envelope), launchStarts(envelope), launchTable(envelope));
  return [
    ...(sweep === null ? [] : [`Search ended because: ${escapeMarkdown(sweep.stopped)}`, '']),
    ...(sustained === null ? [] : [`**Sustained run:** ${escapeMarkdown(sustained)}`, '']),
    ...shown,
  ];
}

function engine(envelope: Envelope): string[] {
  const note = engineNote(envelope);
  if (note === null) return [];
  const shown = tables(engineTable(envelope), viewsTable(envelope), spreadTable(envelope));
  return [...shown, ...(shown.length > 0 ? [''] : []), escapeMarkdown(note)];
}

function findings(envelope: Envelope): string[] {
  const all = allFindings(envelope);
  if (all.length === 0) return ['No findings.'];
  return all.map(({ severity, code, message, level }) => {
    const at = level === undefined ? null : levelAt(envelope, level);
    const place = at === null ? '' : ` (at ${escapeMarkdown(levelPlace(envelope, at))})`;
    return `- **${severity}** \`${code}\`${place}: ${escapeMarkdown(message)}`;
  });
}

function client(envelope: Envelope): string[] {
  const { verdict, reason } = envelope.client;
  const said = verdict === null ? [] : [`**${verdict}:** ${escapeMarkdown(reason ?? '')}`];
  const shown = tables(clientBounds(envelope), machineTable(envelope), selftestTable(envelope));
  return [...said, ...(said.length > 0 && shown.length > 0 ? [''] : []), ...shown];
}

function clientBounds(envelope: Envelope): TableData | null {
  return clientBoundsTable(envelope, (index) => {
    const level = levelAt(envelope, index);
    return level === null ? String(index) : levelName(level);
  });
}

function conditions(envelope: Envelope): string[] {
  const rows = factGroups(envelope).flatMap(({ title, facts }) =>
    facts.map((fact, i) => [i === 0 ? `**${title}**` : '', fact[0], factText(fact)]),
  );
  return renderTable({ caption: '', head: ['', 'What', 'Value'], rows }, [1, 2], [0]);
}

function tables(...all: readonly (TableData | null)[]): string[] {
  return all
    .filter((table) => table !== null)
    .flatMap((table, i) => [...(i > 0 ? [''] : []), ...renderTable(table)]);
}
