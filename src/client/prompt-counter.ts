import type { Clock } from '../core/index.ts';
import type { ChatMessage, RequestRecord, TokensSpent } from '../model/index.ts';
import { isJsonObject } from './chunk-fields.ts';
import { addressOf, type ClientTarget } from './client-target.ts';
import { createTargetProbe, type ProbeTarget, type TargetProbe } from './probe-target.ts';
import { buildBody } from './request-body.ts';
import { createUndiciSender } from './undici-sender.ts';

/** A prompt as it is sent: one text, or the messages of a chat. */
export type Prompt = string | readonly ChatMessage[];

/** Counts whole prompts as the server sees them, with chat template and special tokens. */
export interface PromptCounter {
  /** `server /tokenize`, `server usage`. */
  readonly source: string;
  /** Tokens of the prompt; null = it could not be counted. */
  count(prompt: Prompt): Promise<number | null>;
  close(): Promise<void>;
}

type CountForm = (probe: TargetProbe, prompt: Prompt) => Promise<number | null>;

/**
 * Counts without generating anything: by vLLM's `/tokenize`, which takes prompts and messages, or by
 * llama.cpp's `/apply-template` and `/tokenize`. Null where the server has neither.
 */
export async function createPromptCounter(
  target: ProbeTarget & Pick<ClientTarget, 'model'>,
  deps: { clock: Clock },
): Promise<PromptCounter | null> {
  const probe = createTargetProbe(target, deps);
  const asSent = (prompt: Prompt) =>
    target.api === 'chat' && typeof prompt === 'string'
      ? [{ role: 'user' as const, content: prompt }]
      : prompt;
  for (const form of formsOf(target)) {
    const short = await form(probe, asSent('hello world'));
    const longer = await form(probe, asSent('hello world, hello world, hello world'));
    // A form that the server ignores counts nothing, whatever the text.
    if (short === null || short < 1 || longer === null || longer <= short) continue;
    return {
      source: 'server /tokenize',
      count: (prompt) => form(probe, asSent(prompt)),
      close: () => probe.close(),
    };
  }
  await probe.close();
  return null;
}

function formsOf(target: Pick<ClientTarget, 'url' | 'api' | 'model'>): CountForm[] {
  const beside = addressOf(target).basePath.replace(/\/v1$/, '');
  const roots = [...new Set([beside, ''])];
  return roots.flatMap((root): CountForm[] => [
    async (probe, prompt) => {
      const body =
        typeof prompt === 'string'
          ? { prompt, add_special_tokens: true }
          : { messages: prompt, add_generation_prompt: true };
      return countOf(await probe.postJson(`${root}/tokenize`, { model: target.model, ...body }));
    },
    async (probe, prompt) => {
      let content: unknown = prompt;
      if (typeof prompt !== 'string') {
        const reply = await probe.postJson(`${root}/apply-template`, { messages: prompt });
        content = isJsonObject(reply.json) ? reply.json['prompt'] : undefined;
      }
      if (typeof content !== 'string') return null;
      const body = { content, add_special: true, parse_special: true };
      return countOf(await probe.postJson(`${root}/tokenize`, body));
    },
  ]);
}

function countOf(reply: { json: unknown; error: string | null }): number | null {
  if (reply.error !== null || !isJsonObject(reply.json)) return null;
  const { count, tokens } = reply.json;
  if (typeof count === 'number') return count;
  return Array.isArray(tokens) ? tokens.length : null;
}

/** Counts by generating one token and reading the usage: true, and as slow as a prefill. */
export function createUsageCounter(
  target: ClientTarget,
  deps: {
    clock: Clock;
    signal: AbortSignal;
    /** Asked before a prompt of at most so many tokens goes out; false: it does not. */
    admits?: (most: TokensSpent) => boolean;
    onRecord?: (record: RequestRecord) => void;
  },
): PromptCounter {
  const { clock, signal } = deps;
  const sender = createUndiciSender(target, { clock });
  let asked = 0;
  return {
    source: 'server usage',
    async count(prompt) {
      // A token is a byte at least; the template around it has some more.
      const most = Buffer.byteLength(JSON.stringify(prompt)) + 64;
      if (deps.admits?.({ input: most, output: 1 }) === false) return null;
      asked += 1;
      const intendedUs = clock.nowUs();
      const request = {
        index: asked,
        intendedUs: null,
        inputTokens: most,
        outputTokens: 1,
        prompt: { dataset: 'length check', seed: 0, row: null },
      };
      const record = await sender.send(request, {
        level: -1,
        requestId: `length-check-${asked}`,
        intendedUs,
        counted: false,
        originUs: intendedUs,
        promptText: '',
        body: Buffer.from(JSON.stringify(buildBody(target, request, prompt))),
        signal,
      });
      deps.onRecord?.(record);
      return record.outcome === 'ok' ? record.inputTokensUsage : null;
    },
    close: () => sender.close(),
  };
}
