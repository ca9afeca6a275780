import { count, type Finding } from '../per-api.ts';
import type { Probe, ProbeContext } from '../probe.ts';

/** Second over first TTFT of a prompt: at most this in every pair is a cache, at least that none. */
const reusedRatio = 0.6;
const freshRatio = 0.8;
/** A long prompt has to take so many times a short one, or its prefill cannot be seen. */
const visibleFactor = 2;

/** Whether the beginning of a prompt is computed once for all. */
export const cacheProbe: Probe = {
  id: 'cache',
  rows: [
    {
      id: 'cache.prefix',
      title: 'Prefix caching seen',
      asked: 'fresh long prompts, each twice: cached tokens told, and the two TTFTs',
      means: {
        yes: 'Prompts that repeat are too fast: keep them unique, or say that the cache is measured.',
        no: 'Repeated prompts cost as much as new ones.',
      },
    },
  ],
  async run(context, report) {
    report('cache.prefix', ...(await findCache(context)));
  },
};

async function findCache(context: ProbeContext): Promise<Finding> {
  const { sizes, contextTokens, signal } = context;
  const ttft = async (prompt: string) => {
    const generation = await context.generate({ prompt, maxTokens: 1 });
    return { ...generation, ms: generation.firstTokenMs ?? generation.exchange.tookMs };
  };
  const short = await ttft(`${context.freshWords(4)}.`);
  const trial = await ttft(`${context.freshWords(64)}.`);
  const failed = short.failed ?? trial.failed;
  if (failed !== null) return ['unknown', failed];
  // As many words as take the wanted time, by the two that were tried.
  const msPerWord = Math.max(0.01, (trial.ms - short.ms) / 60);
  const room = Math.floor((contextTokens ?? 2048) / 4);
  const words = Math.max(64, Math.min(1500, room, Math.round((sizes.prefillS * 1000) / msPerWord)));

  const before = await context.readEngine();
  const pairs: [first: number, second: number][] = [];
  let told: number | null = null;
  for (let i = 0; i < sizes.pairs; i++) {
    const prompt = `${context.freshWords(words)}.`;
    const first = await ttft(prompt);
    const second = await ttft(prompt);
    if (signal.aborted) return ['unknown', 'interrupted'];
    const broken = first.failed ?? second.failed;
    if (broken !== null) return ['unknown', broken];
    pairs.push([first.ms, second.ms]);
    const cached = second.usage?.cached ?? null;
    if (cached !== null) told = Math.max(told ?? 0, cached);
  }
  const after = await context.readEngine();
  const hits =
    before?.prefixHitTokens == null || after?.prefixHitTokens == null
      ? null
      : after.prefixHitTokens - before.prefixHitTokens;
  return judgeCache({ pairs, shortMs: short.ms, words, told, hits });
}

export interface CacheSigns {
  /** TTFT of a fresh prompt and of the same again, milliseconds. */
  pairs: readonly (readonly [first: number, second: number])[];
  /** TTFT of a prompt of a few words. */
  shortMs: number;
  words: number;
  /** Most cached tokens that a repeated prompt's usage told; null = it tells none. */
  told: number | null;
  /** What the engine's counter of cached tokens grew by; null = there is none. */
  hits: number | null;
}

/** What the server says counts; where it is silent, the times do, if they are far enough apart. */
export function judgeCache({ pairs, shortMs, words, told, hits }: CacheSigns): Finding {
  const ratios = pairs.map(([first, second]) => second / first).sort((a, b) => a - b);
  const median = ratios[Math.floor(ratios.length / 2)] ?? Number.NaN;
  const times = `TTFT of the second over the first: ${ratios.map((r) => r.toFixed(2)).join(', ')}`;
  const evidence = `${count(pairs.length, 'pair')} of ${words} words, ${times}`;
  if ((told ?? 0) > 0) return ['yes', `up to ${told} cached tokens by usage; ${evidence}`];
  if ((hits ?? 0) > 0) return ['yes', `${hits} cached tokens by its metrics; ${evidence}`];
  if (told === 0) return ['no', `0 cached tokens by usage; ${evidence}`];
  if (hits === 0) return ['no', `0 cached tokens by its metrics; ${evidence}`];
  if (ratios.every((ratio) => ratio <= reusedRatio)) return ['yes', evidence];
  const firsts = pairs.map(([first]) => first);
  if (Math.min(...firsts) < visibleFactor * shortMs) {
    return ['unknown', `prefill too short to tell; ${evidence}`];
  }
  return [median >= freshRatio ? 'no' : 'unknown', evidence];
}
