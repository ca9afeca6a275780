import {
  type ClientTarget,
  createPromptCounter,
  createUsageCounter,
  type Prompt,
  type PromptCounter,
} from '../client/index.ts';
import type { Clock } from '../core/index.ts';
import type {
  Finding,
  LengthCheck,
  LevelPlan,
  PlannedRequest,
  TokenCounter,
} from '../model/index.ts';
import { noOverhead, type PromptOverhead } from '../workload/index.ts';
import type { RunBudget } from './budget/run-budget.ts';

/** The server's own count of prompts; both may be at hand, or only the usage. */
export interface PromptCounters {
  /** Without generating; null where the server cannot. */
  tokenize: PromptCounter | null;
  usage: PromptCounter;
  close(): Promise<void>;
}

export async function openPromptCounters(
  target: ClientTarget,
  deps: { clock: Clock; signal: AbortSignal } & Partial<Pick<RunBudget, 'admits'>> & {
      onRecord?: RunBudget['count'];
    },
): Promise<PromptCounters> {
  const tokenize = await createPromptCounter(target, deps);
  const usage = createUsageCounter(target, deps);
  return {
    tokenize,
    usage,
    async close() {
      await tokenize?.close();
      await usage.close();
    },
  };
}

const texts = {
  user: 'Please tell me about the river.',
  assistant: 'It is long and wide.',
  system: 'You know rivers.',
} as const;

/**
 * Tokens that the server puts around prompts, and around each earlier message of a chat. Null
 * where they cannot be told: nobody counts the text, or the server tells no prompt tokens.
 */
export async function measureOverhead(
  counters: PromptCounters,
  counter: TokenCounter | null,
  options: { chat: boolean; conversations: boolean },
): Promise<PromptOverhead | null> {
  if (counter === null) return null;
  const whole = counters.tokenize ?? counters.usage;
  const roles = ['user', 'assistant', 'system'] as const;
  const [user = 0, assistant = 0, system = 0] = await counter.count(roles.map((r) => texts[r]));
  const own = { user, assistant, system };
  const alone = await whole.count(texts.user);
  if (alone === null || alone < user) return null;
  const promptTokens = alone - user;
  if (!options.chat || !options.conversations) return { ...noOverhead, promptTokens };
  /** Tokens around these messages, in front of one of a user; null where the template refuses. */
  const around = async (...before: (typeof roles)[number][]): Promise<number | null> => {
    const messages = [...before, 'user' as const].map((role) => ({ role, content: texts[role] }));
    const count = await whole.count(messages);
    return count === null ? null : count - alone - before.reduce((sum, r) => sum + own[r], 0);
  };
  const both = (await around('user', 'assistant')) ?? 0;
  // Not every template takes a reply in front of everything.
  const ofAssistant = (await around('assistant')) ?? Math.floor(both / 2);
  return {
    promptTokens,
    messageTokens: {
      user: both - ofAssistant,
      assistant: ofAssistant,
      // Its own may take the place of a default one: less than nothing is added then.
      system: (await around('system')) ?? 0,
    },
  };
}

/** Requests of a plan that are looked at, and how many of them are counted. */
const considered = 64;
const checked = 8;
/** Longest prompt that is generated from only to check its length, tokens. */
const longestGenerated = 512;

/**
 * Counts prompts of a plan as the server does: the shortest, the longest, and some between. One of
 * them, if it is not long, is generated from, so that the usage of a reply has its say too.
 */
export async function checkLengths(
  plan: LevelPlan,
  counters: PromptCounters,
  options: { chat: boolean; overhead: PromptOverhead | null },
): Promise<LengthCheck | null> {
  const sample = sampleOf(plan);
  const promptOf = (request: PlannedRequest): Prompt =>
    (options.chat ? plan.messages?.(request) : undefined) ?? plan.promptText(request);
  const [shortest] = sample;
  const generated =
    shortest !== undefined && shortest.inputTokens <= longestGenerated ? shortest : null;
  const usage = generated === null ? null : await counters.usage.count(promptOf(generated));
  const errors: number[] = [];
  let usageAgrees: boolean | null = null;
  if (counters.tokenize === null) {
    if (generated === null || usage === null) return null;
    errors.push(usage - generated.inputTokens);
  } else {
    for (const request of sample) {
      const count = await counters.tokenize.count(promptOf(request));
      if (count === null) continue;
      errors.push(count - request.inputTokens);
      if (request === generated && usage !== null) usageAgrees = usage === count;
    }
  }
  if (errors.length === 0) return null;
  const largestErrorTokens = Math.max(...errors.map(Math.abs));
  return {
    source: (counters.tokenize ?? counters.usage).source,
    prompts: errors.length,
    exact: largestErrorTokens === 0,
    largestErrorTokens,
    overheadTokens: options.overhead?.promptTokens ?? null,
    usageAgrees,
  };
}

/** By length, shortest first. */
function sampleOf(plan: LevelPlan): PlannedRequest[] {
  const requests = Array.from({ length: considered }, (_, i) => plan.at(i));
  requests.sort((a, b) => a.inputTokens - b.inputTokens);
  const step = (considered - 1) / (checked - 1);
  return Array.from({ length: checked }, (_, i) => requests[Math.round(i * step)]).filter(
    (request) => request !== undefined,
  );
}

/** What of the check has to be known to read the result. */
export function lengthFindings(check: LengthCheck | null): Finding[] {
  if (check === null) {
    return [
      {
        code: 'input-length-unchecked',
        severity: 'info',
        message:
          'the server tells no prompt tokens before the run, neither by /tokenize nor by usage: input lengths are as planned, not as checked.',
      },
    ];
  }
  const findings: Finding[] = [];
  if (!check.exact) {
    findings.push({
      code: 'input-length-off',
      severity: 'warning',
      message: `prompts differ from the planned input length by up to ${check.largestErrorTokens} tokens (${check.prompts} checked by ${check.source} before the run); read input lengths off the achieved ones.`,
    });
  }
  if (check.usageAgrees === false) {
    findings.push({
      code: 'input-usage-differs',
      severity: 'warning',
      message: `the server's usage counts other prompt tokens than its /tokenize does; input lengths are exact to ${check.source} only.`,
    });
  }
  return findings;
}
