import type { Generation } from './generation.ts';
import { isRejected } from './optional-fields.ts';
import { outputTokensOf } from './output-tokens.ts';
import type { HeldOpen, LengthFacts, ProbeContext } from './probe.ts';

/** Questions that a model answers in a few words. */
const shortQuestions = [
  'What is the capital of France? Answer with one word.',
  'Say OK and nothing else.',
  'What is two plus two? Answer with the number only.',
];

/**
 * Looks for an answer that the model ends by itself, and asks for it again with `ignore_eos` and with
 * `min_tokens`.
 */
export async function findLengthFacts(context: ProbeContext): Promise<LengthFacts> {
  const limit = context.sizes.stopTokens;
  let reason = 'not asked';
  for (const prompt of shortQuestions) {
    const plain = await context.generate({ prompt, maxTokens: limit });
    if (context.signal.aborted) break;
    if (plain.failed !== null) {
      reason = plain.failed;
      continue;
    }
    const tokens = outputTokensOf(plain);
    if (plain.finish !== 'stop' || tokens >= limit) {
      reason = `no short answer ended by itself within ${limit} tokens`;
      continue;
    }
    const ask = async (fields: Record<string, unknown>): Promise<HeldOpen> => {
      const generation = await context.generate({ prompt, maxTokens: limit, fields });
      return { generation, outcome: outcomeOf(generation, limit) };
    };
    return {
      ...{ ending: { prompt, tokens, limit }, reason: '' },
      ignoreEos: await ask({ ignore_eos: true }),
      minTokens: await ask({ min_tokens: limit }),
    };
  }
  return { ending: null, reason, ignoreEos: null, minTokens: null };
}

function outcomeOf(generation: Generation, limit: number): HeldOpen['outcome'] {
  const { status } = generation.exchange;
  if (isRejected(status)) return 'rejected';
  if (generation.failed !== null) return 'failed';
  if (outputTokensOf(generation) >= limit) return 'yes';
  // The end of its text, not the limit, has ended it.
  return generation.finish === 'stop' ? 'ignored' : 'failed';
}

/** Fields that keep an answer of so many tokens open, as far as this server has one. */
export async function heldOpenFields(
  context: ProbeContext,
  tokens: number,
): Promise<Record<string, unknown>> {
  const { ignoreEos, minTokens } = await context.lengths();
  if (ignoreEos?.outcome === 'yes') return { ignore_eos: true };
  if (minTokens?.outcome === 'yes') return { min_tokens: tokens };
  // Where short answers do not end by themselves, a long text will not either.
  return {};
}
