import type { LevelPlan, LoadSpec, PlannedRequest } from '../model/index.ts';

/** First line of a level in plan.jsonl. */
export interface PlanHeader {
  kind: 'level';
  level: number;
  load: LoadSpec;
  seed: number;
  /** SHA-256 of the plan. */
  hash: string;
  /** Null in a closed loop that only a duration limits. */
  countedRequests: number | null;
  durationUs: number | null;
  /** Request lines that follow. */
  requestsListed: number;
}

/** A request of a level in plan.jsonl. */
export interface PlanRequestLine extends PlannedRequest {
  kind: 'request';
  level: number;
}

/** Requests listed where the plan does not say how many will be counted. */
const listedWhenUnbounded = 1024;
const largestBounded = 1e9;
const blockCharacters = 64 * 1024;

/** The lines of one level, in blocks of about 64 KiB, each of whole lines. */
export function* planLines(level: number, plan: LevelPlan): Generator<string> {
  const bounded = plan.countedRequests <= largestBounded;
  const listed = bounded ? plan.countedRequests : listedWhenUnbounded;
  const header: PlanHeader = {
    kind: 'level',
    level,
    load: plan.load,
    seed: plan.seed,
    hash: plan.hash,
    countedRequests: bounded ? plan.countedRequests : null,
    durationUs: plan.durationUs,
    requestsListed: listed,
  };
  let block = `${JSON.stringify(header)}\n`;
  for (let i = 0; i < listed; i++) {
    const line: PlanRequestLine = { kind: 'request', level, ...plan.at(i) };
    block += `${JSON.stringify(line)}\n`;
    if (block.length >= blockCharacters) {
      yield block;
      block = '';
    }
  }
  if (block !== '') yield block;
}
