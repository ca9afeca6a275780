import { BenchError } from '../../core/index.ts';
import type { TrialGround } from '../../model/index.ts';
import type { Judgement, StoredReference } from './order.ts';

/** What a reference ran on, as far as its figures depend on it. */
export type ReferenceGround = StoredReference['ground'];

export const groundOf = ({ sandbox, clientCpus, reference }: TrialGround): ReferenceGround => ({
  ...{ sandbox, clientCpus },
  limits: (reference ?? []).map(({ limit, asked, by }) => ({ limit, asked, by })),
});

/** What a judgement found out of its reference, to stand in for a measurement later; null = nothing. */
export function storableReference({
  reference,
  ground,
}: Pick<Judgement, 'reference' | 'ground'>): StoredReference | null {
  const { launches, aloneP50Ms, alikeShare, modelSha256, subset } = reference;
  if (aloneP50Ms === null || modelSha256 === null || launches.length === 0) return null;
  return {
    ...{ launches, aloneP50Ms, alikeShare, modelSha256 },
    ...(subset !== undefined && { subset }),
    ground: ground === undefined ? null : groundOf(ground),
  };
}

/** Of another model the figures say nothing. @throws BenchError PREREQ_REFERENCE */
export function requireModel({ modelSha256 }: StoredReference, here: string): void {
  if (modelSha256 !== here) throw refuse('model has the SHA-256', modelSha256, here);
}

/** On other ground neither. @throws BenchError PREREQ_REFERENCE */
export function requireGround({ ground }: StoredReference, here: ReferenceGround): void {
  if (ground === null || here === null) return;
  const differs = (['sandbox', 'clientCpus'] as const).find((one) => ground[one] !== here[one]);
  if (differs !== undefined) {
    throw refuse(groundWords[differs], String(ground[differs]), String(here[differs]));
  }
  const [before, now] = [limitsInWords(ground), limitsInWords(here)];
  if (before !== now) throw refuse('limits were', before, now);
}

const groundWords = { sandbox: 'sandbox was', clientCpus: "load client's own CPUs were" } as const;

const limitsInWords = ({ limits }: NonNullable<ReferenceGround>) =>
  limits
    .map(({ limit, asked, by }) => `${limit} ${asked} by ${by}`)
    .toSorted()
    .join(', ') || 'none';

const refuse = (what: string, before: string, here: string) =>
  new BenchError(
    'PREREQ_REFERENCE',
    `The stored reference does not hold here: its ${what} "${before}", here "${here}".`,
    {
      hint: 'Leave --reference away: the reference is measured in the trial then, and stored anew.',
    },
  );
