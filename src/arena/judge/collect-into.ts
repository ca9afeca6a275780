import { mkdir } from 'node:fs/promises';
import { messageOf } from '../../core/index.ts';
import { type Collected, collectSubmission, NotCollected } from './collect.ts';
import { Ended } from './ended.ts';
import type { JudgeOrder } from './order.ts';

/** Collects what is to be judged; what cannot be collected ends the judging. */
export async function collectInto({ submissionDir, collectDir }: JudgeOrder): Promise<Collected> {
  await mkdir(collectDir, { recursive: true });
  try {
    return await collectSubmission(submissionDir, collectDir);
  } catch (error) {
    if (error instanceof NotCollected)
      throw new Ended('server_fail', `nothing to start: ${error.message}`);
    throw new Ended('infra_error', `collecting failed: ${messageOf(error)}`);
  }
}
