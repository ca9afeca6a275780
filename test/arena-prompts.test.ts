import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createPromptMaker } from '../src/app/arena/judge/prompt-maker.ts';
import type { Oracle } from '../src/arena/index.ts';
import { createAskMaker, seedsFrom } from '../src/arena/judge/make-ask.ts';
import { makeTimedProfiles } from '../src/arena/judge/timed-traffic.ts';
import { findScenario } from '../src/arena/scenario/read-scenario.ts';

/** Words and marks are tokens, as in the tokenizers of most models; a template takes 10. */
const count = (text: string) => text.match(/\w+|[^\w\s]/g)?.length ?? 0;
const oracle: Oracle = {
  countTokens: async (texts) => texts.map(count),
  countPrompt: async (messages) => 10 + count(messages.map(({ content }) => content).join(' ')),
  score: async () => [],
};
const makePrompt = createPromptMaker();

/** Prompts of a set by profile, each profile cut to so many. */
async function promptsOf(id: string, seed: string, most: number): Promise<string[][]> {
  const { scenario } = await findScenario(id, '.');
  const { small } = scenario.classes;
  const profiles = small.profiles.map((one) => ({
    ...one,
    requests: Math.min(most, one.requests),
  }));
  const size = { ...small, profiles };
  const makeAsk = createAskMaker({ makePrompt }, oracle, size);
  const made = await makeTimedProfiles(size, { seedOf: seedsFrom(seed), makeAsk });
  return made.map(({ asks }) => asks.map(({ messages }) => messages[0]?.content ?? ''));
}

/** More words than any pattern of sentences has fixed in a row. */
const longestRun = 12;

function runsOf(text: string): Set<string> {
  const words = text.split(/\s+/);
  const starts = words.length - longestRun + 1;
  return new Set(
    Array.from({ length: Math.max(0, starts) }, (_, at) =>
      words.slice(at, at + longestRun).join(' '),
    ),
  );
}

it('the sets of the agent and of the judge, and the profiles of a set, have no text in common', async () => {
  const seeds = fc.stringMatching(/^[0-9a-f]{16}$/);
  const scenarios = fc.constantFrom(
    'prefill',
    'decode',
    'throughput',
    'all-in-one',
    'sglang-system',
  );
  await fc.assert(
    fc.asyncProperty(scenarios, seeds, fc.nat(1000), async (id, final, dev) => {
      const sets = await Promise.all([
        promptsOf(id, final, 8),
        promptsOf(id, `dev/${dev}/full`, 8),
        promptsOf(id, `dev/${dev}/quick`, 8),
      ]);
      const all = sets.flat(2);
      expect(all.every((text) => count(text) > longestRun)).toBe(true);
      expect(new Set(all).size).toBe(all.length);
      const seen = new Set<string>();
      for (const text of all) {
        const runs = runsOf(text);
        for (const run of runs) if (seen.has(run)) throw new Error(`twice: ${run}`);
        for (const run of runs) seen.add(run);
      }
    }),
    { numRuns: 20 },
  );
});
