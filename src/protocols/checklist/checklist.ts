import type { ChecklistRow, Envelope } from '../../model/index.ts';
import type { Judged } from './judged.ts';
import { durationRow, openLoopRow, promptsRow, sweepRow, warmUpRow } from './load-rows.ts';
import { batchRow, bothPhasesRow, hardwareRow, quantizationRow, tailRow } from './report-rows.ts';

interface RowRule {
  id: string;
  asks: string;
  judge(envelope: Envelope): Judged;
}

/** The ten rows of the methodology article's checklist, in its order. */
const rules: readonly RowRule[] = [
  { id: 'warm-up', asks: '50 or more requests before the measurement', judge: warmUpRow },
  { id: 'open-loop', asks: 'open loop with Poisson arrivals', judge: openLoopRow },
  { id: 'tails', asks: 'p50, p99 and p99.9 of latency', judge: tailRow },
  {
    id: 'prompts',
    asks: 'ShareGPT or a production distribution of prompts and lengths',
    judge: promptsRow,
  },
  { id: 'sweep', asks: 'several request rates', judge: sweepRow },
  { id: 'duration', asks: '60 s or more per rate', judge: durationRow },
  { id: 'hardware', asks: 'GPU model, count and interconnect', judge: hardwareRow },
  { id: 'quantization', asks: 'precision of the weights', judge: quantizationRow },
  { id: 'batch-size', asks: 'what the rate means for the batch', judge: batchRow },
  { id: 'both-phases', asks: 'TTFT (prefill) and ITL (decode)', judge: bothPhasesRow },
];

/**
 * The article's checklist held against a result. pass and fail rest on a measured or stated fact;
 * unknown: nothing here can tell, and the fact says who could.
 */
export function checklistOf(envelope: Envelope): ChecklistRow[] {
  const measured = envelope.levels.some(({ metrics }) => Number(metrics.values['requests_ok']) > 0);
  return rules.map(({ id, asks, judge }) => {
    const { verdict, fact }: Judged = measured
      ? judge(envelope)
      : { verdict: 'unknown', fact: 'nothing was measured' };
    return { id, asks, verdict, fact };
  });
}
