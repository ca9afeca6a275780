import { arenaDoes, Ended } from './ended.ts';
import type { Answer, JudgePorts, ReferenceServer } from './ports.ts';

/** A fresh start of the reference around some work. */
export async function withReference<T>(
  ports: JudgePorts,
  work: (reference: ReferenceServer) => Promise<T>,
): Promise<T> {
  const reference = await arenaDoes(ports.startReference());
  try {
    return await arenaDoes(work(reference));
  } finally {
    await reference.stop();
  }
}

/** It is the arena's own: an answer that failed says nothing about the submission. */
export function requireReference(answers: readonly Answer[]): void {
  const failed = answers.find(({ outcome }) => outcome !== 'ok');
  if (failed === undefined) return;
  throw new Ended(
    'infra_error',
    `the reference failed a request: ${failed.outcome} (${failed.error ?? 'no reason'})`,
  );
}
