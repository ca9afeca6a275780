import type { Envelope, Finding, LevelSummary } from '../../model/index.ts';
import { slosOf } from '../content/levels.ts';
import { allFindings } from '../findings.ts';
import { plainText } from '../format.ts';
import {
  engineLine,
  failedText,
  levelPlace,
  modelLine,
  sloText,
  workloadLine,
} from '../identity.ts';
import { renderChecklist, renderCost } from './checklist-block.ts';
import { renderEngine } from './engine-block.ts';
import { renderHeadline, renderLegend } from './headline-block.ts';
import { renderLevelTable } from './level-table.ts';
import { renderMethod } from './method-block.ts';
import { createPaint, type Paint } from './paint.ts';
import { hangingLines, wrapText } from './wrap.ts';

export interface SummaryOptions {
  /** Width to lay out for. */
  columns: number;
  /** ANSI colours. */
  color: boolean;
  outputDir?: string;
  htmlPath?: string;
}

/** The answer of a run, for people: head, levels, headline metrics, findings, where the files are. */
export function renderSummary(envelope: Envelope, options: SummaryOptions): string {
  const paint = createPaint(options.color);
  const columns = Math.max(40, options.columns);
  const lines: string[] = [];
  const field = (name: string, text: string) =>
    lines.push(...hangingLines(`${name}:`.padEnd(10), text, columns));
  field('Run id', envelope.runId);
  field('Model', modelLine(envelope));
  field('Engine', engineLine(envelope));
  field('Load', workloadLine(envelope));
  for (const slo of slosOf(envelope)) field('SLO', sloText(slo));
  lines.push('');
  lines.push(...banners(envelope, columns, paint));
  if (envelope.levels.length > 0) {
    const headline =
      envelope.headline === null ? null : (envelope.levels[envelope.headline]?.index ?? null);
    lines.push(renderLevelTable(envelope.levels, headline, columns, paint, slosOf(envelope)));
    lines.push(...failureLines(envelope, columns, paint));
    lines.push(...renderLegend(envelope, columns, paint), '');
    lines.push(...renderMethod(envelope, columns, paint));
    lines.push(...renderEngine(envelope, columns, paint));
    lines.push(...renderHeadline(envelope, paint));
    lines.push(...renderCost(envelope, columns, paint));
    lines.push(...renderChecklist(envelope, columns, paint));
  }
  lines.push(...renderFindings(envelope, columns, paint));
  if (options.outputDir !== undefined) lines.push(`Result: ${plainText(options.outputDir)}`);
  if (options.htmlPath !== undefined) lines.push(`Report: ${plainText(options.htmlPath)}`);
  return `${lines.join('\n').trimEnd()}\n`;
}

function failureLines(envelope: Envelope, columns: number, paint: Paint): string[] {
  const at = (textOf: (level: LevelSummary) => string) =>
    envelope.levels.flatMap((level) => {
      const text = textOf(level);
      return text === '' ? [] : [`${levelPlace(envelope, level)}: ${text}`];
    });
  const failed = at(failedText);
  // Ended by this side (an overload seen, an interrupt): no failure of the server.
  const cancelled = at(({ metrics }) => String(metrics.outcomes['cancelled'] || ''));
  const red = { head: paint.red, text: paint.red };
  return [
    ...(failed.length === 0
      ? []
      : hangingLines('Failed at ', plainText(failed.join('; ')), columns, red)),
    ...(cancelled.length === 0
      ? []
      : hangingLines('Cancelled by us at ', plainText(cancelled.join('; ')), columns)),
  ];
}

function banners(envelope: Envelope, columns: number, paint: Paint): string[] {
  const out: string[] = [];
  if (envelope.quickLook) {
    const text =
      'QUICK LOOK: no load was given, so a few short levels were chosen to fit the time budget. Good for orientation, not a benchmark; give --rate and --duration for one.';
    out.push(...wrapText(text, columns).map(paint.yellow));
  }
  if (envelope.status === 'partial') {
    const why =
      envelope.error?.code === 'BUDGET_REACHED' ? 'stopped at its budget' : 'was interrupted';
    const text = `PARTIAL: the run ${why}; what was measured is below.`;
    out.push(...wrapText(text, columns).map(paint.yellow));
  }
  if (envelope.status === 'failed') out.push(paint.red('FAILED: no request succeeded.'));
  if (envelope.error) {
    const { code, message, hint } = envelope.error;
    out.push(...wrapText(plainText(`${code}: ${message}`), columns).map(paint.red));
    if (hint !== null) out.push(...wrapText(plainText(`Hint: ${hint}`), columns));
  }
  return out.length === 0 ? out : [...out, ''];
}

function renderFindings(envelope: Envelope, columns: number, paint: Paint): string[] {
  const all = allFindings(envelope);
  if (all.length === 0) return ['Findings: none', ''];
  const color = { info: paint.cyan, warning: paint.yellow, invalid: paint.red };
  return [
    paint.bold('Findings'),
    ...all.flatMap((finding) => {
      const where = levelOf(envelope, finding);
      const text = plainText(`${finding.code}${where}: ${finding.message}`);
      const head = color[finding.severity];
      return hangingLines(`${finding.severity.padEnd(7)} `, text, columns, { head });
    }),
    '',
  ];
}

function levelOf(envelope: Envelope, finding: Finding): string {
  const level = envelope.levels.find((entry: LevelSummary) => entry.index === finding.level);
  return level ? ` (${levelPlace(envelope, level)})` : '';
}
