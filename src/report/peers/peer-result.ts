import { BenchError } from '../../core/index.ts';
import type { PeerMetric, PeerTool } from '../../metrics/index.ts';
import type { Envelope, LevelRun, LevelSummary } from '../../model/index.ts';

/** A stored result by the rules of another load generator. */
export interface PeerResult {
  definitions: string;
  title: string;
  /** The state of that tool that the rules were taken from. */
  basis: string;
  runId: string;
  levels: PeerLevel[];
  differences: PeerTool['differences'];
  limits: PeerTool['limits'];
}

export interface PeerLevel {
  index: number;
  summary: LevelSummary | null;
  metrics: PeerMetric[];
}

/** @throws BenchError RESULT_NO_RECORDS */
export function peerResultOf(
  envelope: Envelope,
  levels: readonly LevelRun[],
  tool: PeerTool,
): PeerResult {
  if (levels.length === 0) {
    throw new BenchError(
      'RESULT_NO_RECORDS',
      `Run ${envelope.runId} has no request records, from which the numbers of ${tool.title} are made.`,
      { hint: 'Point at the complete result folder, not only its envelope.json.' },
    );
  }
  return {
    definitions: tool.id,
    title: tool.title,
    basis: tool.basis,
    runId: envelope.runId,
    levels: levels.map((run) => ({
      index: run.index,
      summary: envelope.levels.find(({ index }) => index === run.index) ?? null,
      metrics: tool.summarize(run, envelope.slo),
    })),
    differences: tool.differences,
    limits: tool.limits,
  };
}
