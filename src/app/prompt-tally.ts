import { createHash, type Hash } from 'node:crypto';
import type {
  LengthComparison,
  LengthFigures,
  LevelPlan,
  LevelRun,
  RequestRecord,
} from '../model/index.ts';
import { outputTokensOf } from '../model/index.ts';
import { quantile } from '../stats/index.ts';

/** What the prompts of the counted requests were, level after level. */
export interface PromptTally {
  /** A finished level, with the plan it was run from. */
  addLevel(plan: LevelPlan, run: Pick<LevelRun, 'index' | 'records'>): void;
  figures(): {
    requests: number;
    requestsLookedAt: number;
    requestsSha256: string | null;
    uniquePrompts: number;
    prefixReuseShare: number | null;
    input: LengthComparison;
    output: LengthComparison;
  };
}

const blockCharacters = 64;
/** Texts are made again for this: more of them would take seconds and memory. */
const mostLookedAt = 20_000;

export function createPromptTally(): PromptTally {
  const list: Hash = createHash('sha256');
  const prompts = new Set<string>();
  const beginnings = new Set<string>();
  const lengths = { inAsked: [], inGot: [], outAsked: [], outGot: [] } as Record<
    'inAsked' | 'inGot' | 'outAsked' | 'outGot',
    number[]
  >;
  let requests = 0;
  let lookedAt = 0;
  let characters = 0;
  let repeated = 0;

  function addPrompt(text: string): string {
    const digest = createHash('sha256').update(text).digest('hex');
    prompts.add(digest);
    characters += text.length;
    let key = '';
    let isKnown = true;
    for (let end = blockCharacters; end <= text.length; end += blockCharacters) {
      const block = createHash('sha1')
        .update(key)
        .update(text.slice(end - blockCharacters, end));
      key = block.digest('base64');
      isKnown &&= beginnings.has(key);
      if (isKnown) repeated += blockCharacters;
      else beginnings.add(key);
    }
    return digest;
  }

  function addLengths(record: RequestRecord): void {
    if (record.outcome !== 'ok') return;
    const output = outputTokensOf(record);
    if (record.inputTokensUsage !== null) {
      lengths.inAsked.push(record.inputTokensAsked);
      lengths.inGot.push(record.inputTokensUsage);
    }
    if (output === null) return;
    lengths.outAsked.push(record.outputTokensAsked);
    lengths.outGot.push(output);
  }

  return {
    addLevel(plan, { index: level, records }) {
      for (const record of records) {
        if (!record.counted || record.sentUs === null) continue;
        requests += 1;
        addLengths(record);
        if (lookedAt >= mostLookedAt) continue;
        lookedAt += 1;
        const request = plan.at(record.index);
        const digest = addPrompt(plan.promptText(request));
        const line = [level, record.index, request.inputTokens, request.outputTokens, digest];
        list.update(`${JSON.stringify(line)}\n`);
      }
    },
    figures: () => ({
      requests,
      requestsLookedAt: lookedAt,
      requestsSha256: requests === 0 ? null : list.copy().digest('hex'),
      uniquePrompts: prompts.size,
      prefixReuseShare: characters === 0 ? null : repeated / characters,
      input: { asked: figuresOf(lengths.inAsked), achieved: figuresOf(lengths.inGot) },
      output: { asked: figuresOf(lengths.outAsked), achieved: figuresOf(lengths.outGot) },
    }),
  };
}

function figuresOf(values: readonly number[]): LengthFigures {
  const sorted = Float64Array.from(values).sort();
  const buckets = new Map<number, number>();
  let sum = 0;
  for (const value of sorted) {
    const upTo = value <= 1 ? 1 : 2 ** Math.ceil(Math.log2(value));
    buckets.set(upTo, (buckets.get(upTo) ?? 0) + 1);
    sum += value;
  }
  const at = (p: number) => quantile(sorted, p) ?? null;
  return {
    count: sorted.length,
    mean: sorted.length === 0 ? null : sum / sorted.length,
    min: sorted[0] ?? null,
    p50: at(0.5),
    p90: at(0.9),
    max: sorted.at(-1) ?? null,
    histogram: [...buckets].map(([upTo, count]) => ({ upTo, count })),
  };
}
