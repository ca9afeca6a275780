import type { ScenarioSize } from '../../model/index.ts';
import type { Preparation } from '../checks/check.ts';
import { shortPromptTokens } from '../checks/lengths.ts';
import { median } from '../checks/numbers.ts';
import { Ended } from './ended.ts';
import type { JudgeOrder } from './order.ts';
import type { Ask, ReferenceServer } from './ports.ts';
import { requireReference } from './with-reference.ts';

/** How much slower or faster a reference may have become, by class. */
export const mostDrift = { full: 1.3, small: 2 } as const;

/** Requests by which a reference is known again. */
const driftRequests = 4;
/** Longer answers tell no more of its speed, and take minutes each. */
const mostDriftTokens = 512;

/** Short requests, by which a reference is known again. */
export async function makeDriftAsks(
  size: ScenarioSize,
  { seedOf, makeAsk }: Pick<Preparation, 'seedOf' | 'makeAsk'>,
): Promise<Ask[]> {
  const drift: Ask[] = [];
  const outputTokens = Math.min(size.profiles[0]?.outputTokens.max ?? 64, mostDriftTokens);
  for (let at = 0; at < driftRequests; at++) {
    const seed = seedOf(`drift/${at}`);
    drift.push(await makeAsk({ seed, inputTokens: shortPromptTokens(size), outputTokens }));
  }
  return drift;
}

/** Median latency of requests, one at a time, in ms. */
export async function timeAlone(reference: ReferenceServer, asks: readonly Ask[]): Promise<number> {
  const answers = await reference.send({
    ...{ id: 'drift', asks, arrival: 'burst', maxInFlight: 1 },
    ...{ rateRps: null, seed: 0, timed: true },
  });
  requireReference(answers);
  return median(answers.flatMap(({ latencyMs }) => (latencyMs === null ? [] : [latencyMs]))) ?? 0;
}

export function requireSame(order: JudgeOrder, before: number, after: number, when: string): void {
  const ratio = Math.max(before / after, after / before);
  const { reference } = order.stored.scenario.classes[order.class];
  const most = reference.driftAtMost ?? mostDrift[order.class];
  if (ratio <= most) return;
  throw new Ended(
    'infra_error',
    `the reference drifted ${when}: ${before.toFixed(0)} ms, then ${after.toFixed(0)} ms for the same requests (at most ${most}x)`,
  );
}
