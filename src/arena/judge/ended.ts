import { messageOf } from '../../core/index.ts';
import type { TrialOutcome } from '../../model/index.ts';

/** Ends the judging early, with an outcome. */
export class Ended extends Error {
  readonly kind: TrialOutcome;
  constructor(kind: TrialOutcome, reason: string) {
    super(reason);
    this.kind = kind;
  }
}

/** What the arena itself does for a trial; a failure says nothing about the submission. */
export async function arenaDoes<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Ended) throw error;
    throw new Ended('infra_error', messageOf(error));
  }
}
