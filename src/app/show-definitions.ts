import { BenchError, type Host } from '../core/index.ts';
import { peerTools } from '../metrics/index.ts';
import type { Envelope, LevelRun } from '../model/index.ts';
import {
  peerResultOf,
  renderPeer,
  renderPeerCsv,
  renderPeerMarkdown,
  toPeerObject,
} from '../report/index.ts';

/**
 * A stored result recomputed by the rules of another load generator.
 *
 * @param format as of `bench report`: table, markdown, csv or json
 * @throws BenchError USAGE_UNKNOWN_DEFINITIONS, USAGE_CONFLICT, RESULT_NO_RECORDS
 */
export function renderByDefinitions(
  { envelope, levels }: { envelope: Envelope; levels: readonly LevelRun[] },
  definitions: string,
  format: string,
  { stdout, env }: Host,
): string {
  const result = peerResultOf(envelope, levels, peerTools.get(definitions));
  switch (format) {
    case 'json':
      return `${JSON.stringify(toPeerObject(result), null, 2)}\n`;
    case 'markdown':
      return renderPeerMarkdown(result);
    case 'csv':
      return renderPeerCsv(result);
    case 'table':
      return renderPeer(result, {
        columns: stdout.isTTY ? stdout.columns : 100,
        color: stdout.isTTY && env['NO_COLOR'] === undefined,
      });
    default:
      throw new BenchError(
        'USAGE_CONFLICT',
        `--definitions ${definitions} has no --format ${format}.`,
        { hint: 'Take --format table, markdown, csv or json.' },
      );
  }
}

/** A comparison holds no records of its own. @throws BenchError USAGE_CONFLICT */
export function refuseDefinitions(definitions: string | null): void {
  if (definitions === null) return;
  throw new BenchError(
    'USAGE_CONFLICT',
    `--definitions ${definitions} needs one result, and this is a comparison.`,
    { hint: 'Name one of the result folders inside it.' },
  );
}
