import { Buffer } from 'node:buffer';
import type { ServerResponse } from 'node:http';
import type { Clock } from '../core/index.ts';
import type { EngineModel } from './engine-model.ts';
import type { CannedReply, FaultPlan } from './fault-plan.ts';
import type { RateLimiter } from './rate-limiter.ts';
import type { RealAgenda } from './real-agenda.ts';
import type { SimSpec } from './sim-spec.ts';
import type { PrefixCache } from './sim-tokenizer.ts';
import type { TruthRecord } from './truth-log.ts';

/** What the routes of one running server share. */
export interface SimContext {
  spec: SimSpec;
  clock: Pick<Clock, 'nowUs' | 'wallMs'>;
  agenda: RealAgenda;
  engine: EngineModel;
  faults: FaultPlan;
  rateLimiter: RateLimiter | null;
  prefixCache: PrefixCache | null;
  truth: TruthRecord[];
  startUs: number;
}

export type JsonBody = Record<string, unknown>;

/** Answers in one piece with a content-length. */
export function sendReply(res: ServerResponse, reply: CannedReply): void {
  res.writeHead(reply.status, {
    ...reply.headers,
    'content-length': String(Buffer.byteLength(reply.body)),
  });
  res.end(reply.body);
}
