import type { WireSpec } from './wire-spec.ts';

/** What the chunks of one reply say besides their text. */
export interface ReplyFacts {
  chat: boolean;
  id: string;
  /** Seconds since the epoch. */
  created: number;
  model: string;
  promptTokens: number;
  cachedTokens: number;
  /** `n`: parallel choices; each token chunk comes once per choice. */
  choices: number;
  includeUsage: boolean;
  continuousUsage: boolean;
  finishReason: string;
  /** Text of one output token. */
  textAt(index: number): string;
  /** The output is a tool call; chat only. */
  toolCalls: boolean;
  /** Tokens that come with log probabilities. */
  logprobsFor: number;
  usageOffset: { prompt: number; completion: number };
  tellsCachedTokens: boolean;
  /** Milliseconds of prefill and of decode so far. */
  timing(): { promptMs: number; predictedMs: number };
}

/** One token chunk: `tokens` tokens behind `before` earlier ones, `number` counted from 0. */
export interface TokenStep {
  number: number;
  before: number;
  tokens: number;
  last: boolean;
}

/** JSON payloads of a streamed reply, in order; `[DONE]` included where the shape has it. */
export interface ReplyEvents {
  /** What comes before prefill. */
  opening(): string[];
  /** `event` holds the tokens; `lead` goes out at the same time, before it. */
  token(step: TokenStep): { lead: string[]; events: string[] };
  /** What follows the last token chunk. */
  closing(outputTokens: number): string[];
  /** The reply in one piece, not streamed. */
  whole(outputTokens: number): string;
}

type Json = Record<string, unknown>;

export function createReplyEvents(wire: WireSpec, facts: ReplyFacts): ReplyEvents {
  const { chat } = facts;
  const mayUsage = wire.usage !== 'none' && (wire.usageWhen === 'always' || facts.includeUsage);
  const isContinuous =
    wire.usage === 'continuous' && (wire.usageWhen === 'always' || facts.continuousUsage);
  const indexes = Array.from({ length: facts.choices }, (_, i) => i);

  const usage = (outputTokens: number): Json => ({
    prompt_tokens: facts.promptTokens + facts.usageOffset.prompt,
    total_tokens: facts.promptTokens + outputTokens * facts.choices,
    completion_tokens: outputTokens * facts.choices + facts.usageOffset.completion,
    ...((facts.cachedTokens > 0 || facts.tellsCachedTokens) && {
      prompt_tokens_details: { cached_tokens: facts.cachedTokens },
    }),
  });
  const timings = (outputTokens: number): Json => {
    const { promptMs, predictedMs } = facts.timing();
    return {
      cache_n: facts.cachedTokens,
      prompt_n: facts.promptTokens - facts.cachedTokens,
      prompt_ms: promptMs,
      predicted_n: outputTokens,
      predicted_ms: predictedMs,
    };
  };
  const envelope = (object: string, choices: Json[], extra: Json = {}): string =>
    JSON.stringify(
      {
        id: facts.id,
        object,
        created: facts.created,
        model: facts.model,
        choices,
        ...extra,
        ...(wire.unknownFields && { x_trace: { span: 'ab12', parts: [1, 'two', null] } }),
      },
      null,
      wire.multiLineData ? 1 : undefined,
    );
  const chunkObject = chat ? 'chat.completion.chunk' : 'text_completion';
  const chunk = (choices: Json[], outputTokens: number, isFinish: boolean): string =>
    envelope(chunkObject, choices, {
      ...((isContinuous || (isFinish && mayUsage && wire.usage === 'on-finish')) && {
        usage: usage(outputTokens),
      }),
      ...((wire.timings === 'per-chunk' || (isFinish && wire.timings === 'on-finish')) && {
        timings: timings(outputTokens),
      }),
    });
  const choice = (
    index: number,
    content: Json,
    finish: string | null,
    logprobs: Json | null = null,
  ): Json =>
    chat
      ? { index, delta: content, logprobs, finish_reason: finish }
      : { index, ...content, logprobs, finish_reason: finish };
  const logprobsOf = (step: TokenStep): Json | null => {
    const tokens = Math.min(step.tokens, facts.logprobsFor - step.before);
    if (tokens <= 0) return null;
    const own = Array.from({ length: tokens }, (_, i) => facts.textAt(step.before + i));
    return chat
      ? { content: own.map((token) => ({ token, logprob: -0.5, bytes: null, top_logprobs: [] })) }
      : { tokens: own, token_logprobs: own.map(() => -0.5) };
  };
  const role = (): string =>
    chunk(
      indexes.map((index) => choice(index, { role: 'assistant', content: '' }, null)),
      0,
      false,
    );

  const textOf = (step: TokenStep): string =>
    wire.emptyTextEvery !== null && (step.number + 1) % wire.emptyTextEvery === 0
      ? ''
      : textRange(step.before, step.tokens);
  const textRange = (from: number, tokens: number): string => {
    let text = '';
    for (let i = from; i < from + tokens; i++) text += facts.textAt(i);
    return text;
  };
  const content = (step: TokenStep): Json => {
    const text = textOf(step);
    if (!chat) return { text };
    const named: Json = wire.roleChunk === 'in-delta' ? { role: 'assistant' } : {};
    if (facts.toolCalls) {
      const head = step.number === 0 ? { id: 'call_0', type: 'function' } : {};
      const name = step.number === 0 ? { name: 'lookup' } : {};
      const call = { index: 0, ...head, function: { ...name, arguments: text } };
      return { ...named, tool_calls: [call] };
    }
    const isReasoning = wire.reasoning !== null && step.before < wire.reasoning.tokens;
    return { ...named, [isReasoning ? (wire.reasoning?.field ?? '') : 'content']: text };
  };
  const finishReason = facts.toolCalls && chat ? 'tool_calls' : facts.finishReason;

  return {
    opening: () => (chat && wire.roleChunk === 'before-prefill' ? [role()] : []),
    token(step) {
      const isFinish = step.last && wire.finish === 'on-last-token';
      const body = content(step);
      return {
        lead: chat && wire.roleChunk === 'at-first-token' && step.number === 0 ? [role()] : [],
        events: indexes.map((index) =>
          chunk(
            [choice(index, body, isFinish ? finishReason : null, logprobsOf(step))],
            step.before + step.tokens,
            isFinish,
          ),
        ),
      };
    },
    closing(outputTokens) {
      const events: string[] = [];
      if (wire.finish === 'separate') {
        const empty = chat ? {} : { text: '' };
        for (const index of indexes)
          events.push(chunk([choice(index, empty, finishReason)], outputTokens, true));
      }
      if (mayUsage && (wire.usage === 'separate' || wire.usage === 'continuous'))
        events.push(envelope(chunkObject, [], { usage: usage(outputTokens) }));
      if (wire.done) events.push('[DONE]');
      return events;
    },
    whole(outputTokens) {
      const text = textRange(0, outputTokens);
      const choices = indexes.map((index) =>
        chat
          ? { index, message: { role: 'assistant', content: text }, finish_reason: finishReason }
          : { index, text, logprobs: null, finish_reason: finishReason },
      );
      return envelope(chat ? 'chat.completion' : 'text_completion', choices, {
        usage: usage(outputTokens),
        ...(wire.timings !== 'none' && { timings: timings(outputTokens) }),
      });
    },
  };
}

/** One SSE event with this data, in the spec's line ends and spacing. */
export function frameEvent(wire: WireSpec, data: string): string {
  const newline = { lf: '\n', crlf: '\r\n', cr: '\r' }[wire.newline];
  const prefix = wire.spaceAfterColon ? 'data: ' : 'data:';
  return data
    .split('\n')
    .map((line) => `${prefix}${line}${newline}`)
    .concat(newline)
    .join('');
}

/** A comment line as mlx_lm sends while it works. */
export function frameComment(wire: WireSpec, text: string): string {
  const newline = { lf: '\n', crlf: '\r\n', cr: '\r' }[wire.newline];
  return `: ${text}${newline}${newline}`;
}
