import type { Oracle, TokenScore } from '../../../arena/index.ts';
import { createTargetProbe, defaultTarget } from '../../../client/index.ts';
import { BenchError, type Clock } from '../../../core/index.ts';

/** Questions under way at once. */
const parallel = 4;

/** The reference as a witness, over `/tokenize` and `/v1/score` (assets/pytorch-reference). */
export function createHttpOracle(
  baseUrl: string,
  model: string,
  clock: Clock,
): Oracle & { close(): Promise<void> } {
  const probe = createTargetProbe({ ...defaultTarget, url: baseUrl, api: 'chat' }, { clock });
  const ask = async (path: string, body: object): Promise<Record<string, unknown>> => {
    const { json, error } = await probe.postJson(path, { model, ...body });
    if (error === null && typeof json === 'object' && json !== null) return { ...json };
    throw new BenchError('PREREQ_REFERENCE', `The reference does not answer ${path}: ${error}.`, {
      hint: 'A reference needs /tokenize and /v1/score, as assets/pytorch-reference has them.',
    });
  };
  const countOf = async (body: object) => {
    const { count } = await ask('/tokenize', body);
    if (typeof count === 'number') return count;
    throw new BenchError('PREREQ_REFERENCE', 'The reference counts no tokens.');
  };
  return {
    async countTokens(texts) {
      const counts = new Array<number>(texts.length).fill(0);
      let next = 0;
      const work = async () => {
        for (let at = next++; at < texts.length; at = next++) {
          const prompt = texts[at] ?? '';
          if (prompt !== '') counts[at] = await countOf({ prompt, add_special_tokens: false });
        }
      };
      await Promise.all(Array.from({ length: parallel }, work));
      return counts;
    },
    countPrompt: (messages) => countOf({ messages, add_generation_prompt: true }),
    async score({ messages, ignoreEos }, reply, temperature) {
      const told = await ask('/v1/score', {
        messages,
        completion: reply,
        ignore_eos: ignoreEos,
        temperature: temperature === 0 ? 0.7 : temperature,
      });
      return rowsOf(told);
    },
    close: () => probe.close(),
  };
}

const columns = {
  logProb: 'logprobs',
  rank: 'ranks',
  gapNats: 'gaps',
  topMarginNats: 'top_margins',
  entropyNats: 'entropies',
  varianceNats2: 'variances',
} as const;

function rowsOf(told: Record<string, unknown>): TokenScore[] {
  const lists = Object.entries(columns).map(([field, name]) => {
    const values = numbersOf(told[name]);
    if (values === null) {
      throw new BenchError('PREREQ_REFERENCE', `The reference's /v1/score tells no ${name}.`);
    }
    return [field, values] as const;
  });
  const tails = numbersOf(told['tails']);
  const length = lists[0]?.[1].length ?? 0;
  return Array.from({ length }, (_, at) => ({
    ...Object.fromEntries(lists.map(([field, values]) => [field, values[at] ?? 0])),
    tailShare: tails?.[at] ?? null,
  })) as unknown as TokenScore[];
}

const numbersOf = (value: unknown) =>
  Array.isArray(value) && value.every((one) => typeof one === 'number')
    ? (value as number[])
    : null;
