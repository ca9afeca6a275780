import { formatLoad, type LevelSummary, type RunEvent } from '../../model/index.ts';
import { formatNumber, plainText } from '../format.ts';
import { throughputSentence } from '../metric-names.ts';

/** The line that stays on the screen for an event; null for those that only move figures. */
export function lastingLine(event: RunEvent): string | null {
  switch (event.kind) {
    case 'log':
      return plainText(event.message);
    case 'finding': {
      const level = event.finding.level === undefined ? '' : ` (level ${event.finding.level + 1})`;
      return plainText(
        `${event.finding.severity} ${event.finding.code}${level}: ${event.finding.message}`,
      );
    }
    case 'level-end':
      return plainText(levelEndLine(event.summary));
    default:
      return null;
  }
}

function levelEndLine(summary: LevelSummary): string {
  const { values } = summary.metrics;
  const launch = (summary.launch ?? 1) > 1 ? `, launch ${summary.launch}` : '';
  const verdict = summary.valid ? '' : ', INVALID';
  const failed = typeof values.requests_failed === 'number' ? values.requests_failed : 0;
  return [
    `level ${summary.index + 1} done (${formatLoad(summary.load)}${launch}): ${throughputSentence(summary.metrics)}`,
    `TTFT p50 ${formatNumber(values.ttft_p50_ms)} ms, p99 ${formatNumber(values.ttft_p99_ms)} ms`,
    `${failed} failed${verdict}`,
  ].join(', ');
}
