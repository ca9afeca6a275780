import type { Preparation } from '../checks/check.ts';
import { partOf, shippedQuestions } from '../checks/questions.ts';
import { findRules } from '../scoring/read-rules.ts';
import { addCanaries } from './canary-traffic.ts';
import type { OpenedCheck } from './decide-check.ts';
import { makeDriftAsks, requireSame, timeAlone } from './drift.ts';
import type { KnownSoFar } from './known-so-far.ts';
import { createAskMaker, seedsFrom } from './make-ask.ts';
import type { JudgeOrder } from './order.ts';
import type { Ask, JudgePorts } from './ports.ts';
import { raiseRate } from './raise-rate.ts';
import { type SubsetRule, timeReference } from './reference-subset.ts';
import { makeTimedProfiles, type TimedProfile } from './timed-traffic.ts';
import { requireReference, withReference } from './with-reference.ts';

/** What will be asked. */
export interface Prepared {
  profiles: TimedProfile[];
  drift: Ask[];
  rule: SubsetRule;
}

/** With the reference up: everything that will be asked, and the reference's own figures. */
export async function prepare(
  order: JudgeOrder,
  ports: JudgePorts,
  trial: KnownSoFar,
  opened: readonly OpenedCheck[],
): Promise<Prepared> {
  const size = order.stored.scenario.classes[order.class];
  const seedOf = seedsFrom(trial.finalSeed ?? '');
  return withReference(ports, async (reference) => {
    const { oracle } = reference;
    const makeAsk = createAskMaker(ports, oracle, size);
    const set = order.questions ?? shippedQuestions;
    const part = order.devSeed === undefined ? 'final' : 'dev';
    const questions = partOf(set, size.quality?.minQuestions ?? 0, part);
    const prep: Preparation = { size, oracle, reference, questions, seedOf, makeAsk };
    const profiles = await addCanaries(await makeTimedProfiles(size, prep), prep);
    const rule = { reference: size.reference, terms: await termsOf(order), seedOf };
    const drift = await makeDriftAsks(size, prep);
    for (const { run } of opened) await run.prepare?.(prep);
    if (order.storedReference === null) {
      for (const profile of profiles) {
        const measure = async (factor: number) => {
          const timed = await timeReference(reference, profile, factor, rule);
          requireReference(timed.answers);
          return timed;
        };
        const raise = { class: order.class, other: { factor: 1, completedRps: null }, measure };
        trial.referenceTimed.push(await raiseRate(profile, raise));
      }
    }
    const aloneP50Ms = await timeAlone(reference, drift);
    if (order.storedReference !== null) {
      requireSame(order, order.storedReference.aloneP50Ms, aloneP50Ms, 'since it was stored');
    }
    trial.aloneP50Ms = aloneP50Ms;
    return { profiles, drift, rule };
  });
}

/** What the scenario's score is made of; everything, where its rules come later. */
async function termsOf({ stored: { scenario } }: JudgeOrder): Promise<SubsetRule['terms']> {
  const { scenarios } = await findRules(scenario.scoring);
  const scored = scenarios.find(({ id }) => id === scenario.id);
  return scored?.terms ?? ['ttft_p50', 'tpot_p50', 'latency_p50', 'valid_completed_rate'];
}
