import {
  type Exchange,
  isJsonObject,
  parseJson,
  readChoice,
  type UsageCounts,
  usageCounts,
} from '../client/index.ts';
import { ChunkKind } from '../model/index.ts';

/** One choice of one chunk, as far as rows ask about it. */
export interface WireChoice {
  index: number;
  text: string;
  kind: ChunkKind;
  /** A text field was there and empty, without a `role` beside it. */
  emptyText: boolean;
  role: boolean;
  finish: string | null;
  /** Tokens that log probabilities came for; null = none came. */
  logprobs: number | null;
  /** Names of delta fields that hold reasoning. */
  reasoning: string[];
  tools: boolean;
}

/** One `data:` of a stream that is a JSON object. */
export interface WireChunk {
  atMs: number;
  read: number;
  choices: WireChoice[];
  usage: UsageCounts | null;
  /** A value of its usage that is no count of tokens, in words: `completion_tokens is -7`. */
  badUsage: string | null;
}

/** A streamed generation, read for what it shows of the server. */
export interface Generation {
  exchange: Exchange;
  chunks: WireChunk[];
  /** Events whose data is no JSON object; `[DONE]` is none of them. */
  malformed: number;
  done: boolean;
  /** Text of the first choice, reasoning included. */
  text: string;
  finish: string | null;
  /** The last that was told. */
  usage: UsageCounts | null;
  /** The first value of a usage that is no count of tokens, in words. */
  badUsage: string | null;
  firstTokenMs: number | null;
  lastTokenMs: number | null;
  /** Chunks that hold text of the first choice. */
  textChunks: number;
  emptyTextChunks: number;
  /** Why it is not to be used, in words; null when it came to its end. */
  failed: string | null;
}

export function readGeneration(exchange: Exchange): Generation {
  const chunks: WireChunk[] = [];
  let malformed = 0;
  let done = false;
  let streamError: string | null = null;
  for (const { event, data, atMs, read } of exchange.events) {
    if (data.trim() === '[DONE]') {
      done = true;
      continue;
    }
    const json = parseJson(data);
    if (!isJsonObject(json)) {
      malformed++;
      continue;
    }
    if (event === 'error' || json['error']) {
      streamError ??= shapeOf(json);
      continue;
    }
    const choices = Array.isArray(json['choices']) ? json['choices'].filter(isJsonObject) : [];
    chunks.push({
      ...{ atMs, read, choices: choices.map(choiceOf) },
      usage: isJsonObject(json['usage']) ? usageCounts(json['usage']) : null,
      badUsage: isJsonObject(json['usage']) ? badUsageOf(json['usage']) : null,
    });
  }
  const first = chunks.flatMap(({ atMs, choices }) =>
    choices.filter(({ index }) => index === 0).map((choice) => ({ atMs, ...choice })),
  );
  const bearing = first.filter(({ text }) => text !== '');
  const empty = first.filter(({ emptyText, finish }) => emptyText && finish === null);
  const finish = first.findLast((choice) => choice.finish !== null)?.finish ?? null;
  return {
    exchange,
    chunks,
    malformed,
    done,
    text: bearing.map(({ text }) => text).join(''),
    finish,
    usage: chunks.findLast(({ usage }) => usage !== null)?.usage ?? null,
    badUsage: chunks.find(({ badUsage }) => badUsage !== null)?.badUsage ?? null,
    firstTokenMs: bearing[0]?.atMs ?? null,
    lastTokenMs: bearing.at(-1)?.atMs ?? null,
    textChunks: bearing.length,
    emptyTextChunks: empty.length,
    failed: failureOf(exchange, { streamError, finish, done, chunks: chunks.length }),
  };
}

function choiceOf(choice: Record<string, unknown>): WireChoice {
  const { pieces, emptyText } = readChoice(choice, new Set());
  const delta = isJsonObject(choice['delta']) ? choice['delta'] : {};
  const reasoning = Object.entries(delta).filter(
    ([name, value]) => /reason|think|thought/i.test(name) && value !== null && value !== '',
  );
  const calls = delta['tool_calls'];
  return {
    index: typeof choice['index'] === 'number' ? choice['index'] : 0,
    text: pieces.map(({ text }) => text).join(''),
    kind: pieces[0]?.kind ?? ChunkKind.empty,
    emptyText,
    role: typeof delta['role'] === 'string',
    finish: typeof choice['finish_reason'] === 'string' ? choice['finish_reason'] : null,
    logprobs: logprobsOf(choice['logprobs']),
    reasoning: reasoning.map(([name]) => name),
    tools: Array.isArray(calls) && calls.length > 0,
  };
}

/** `usageCounts` leaves out what is no count; a row about usage has to name it. */
function badUsageOf(usage: Record<string, unknown>): string | null {
  for (const name of ['completion_tokens', 'prompt_tokens']) {
    const value = usage[name];
    // Null is how some servers say that a chunk has none.
    if (value === undefined || value === null) continue;
    if (Number.isSafeInteger(value) && Number(value) >= 0) continue;
    // Of a text only its type: it may be anything.
    return `${name} is ${typeof value === 'number' ? value : `a ${typeof value}`}, no count`;
  }
  return null;
}

/** Whether a reply holds text or tokens, or says that it failed; null = neither so far. */
export function contentOf({ events, body }: Pick<Exchange, 'events' | 'body'>) {
  const replies = events.length > 0 ? events : [{ event: '', data: body }];
  for (const { event, data } of replies) {
    const json = parseJson(data);
    if (event === 'error') return 'error';
    if (!isJsonObject(json)) continue;
    if (json['error']) return 'error';
    const choices = Array.isArray(json['choices']) ? json['choices'].filter(isJsonObject) : [];
    // A reply that is no stream has a message where a chunk has a delta.
    const read = choices.map((choice) => choiceOf({ delta: choice['message'], ...choice }));
    const usage = isJsonObject(json['usage']) ? usageCounts(json['usage']).output : null;
    if (read.some(({ text, tools, logprobs }) => text !== '' || tools || (logprobs ?? 0) > 0)) {
      return 'text';
    }
    if (choices.length > 0 && (usage ?? 0) > 0) return 'text';
  }
  return null;
}

/** Chat: `{content: [...]}`; completions: `{tokens, token_logprobs}` or the new form. */
function logprobsOf(value: unknown): number | null {
  if (!isJsonObject(value)) return null;
  for (const name of ['content', 'token_logprobs', 'tokens']) {
    const list = value[name];
    if (Array.isArray(list)) return list.length;
  }
  return null;
}

function failureOf(
  exchange: Exchange,
  seen: { streamError: string | null; finish: string | null; done: boolean; chunks: number },
): string | null {
  const { end, status } = exchange;
  if (end === 'stopped') return 'stopped';
  if (status === null) return endWords(exchange);
  if (status !== 200) return `HTTP ${status}, ${shapeOfText(exchange.body)}`;
  if (exchange.events.length === 0) {
    if (end !== 'complete') return `HTTP 200, then ${endWords(exchange)}`;
    return `HTTP 200 without an event (${exchange.bytes} bytes of ${contentType(exchange)})`;
  }
  if (seen.streamError !== null) return `an error inside the stream (${seen.streamError})`;
  if (seen.chunks === 0) return 'no event was a JSON object';
  // Everything was said: whether the connection then stays open is another question.
  if (seen.done || seen.finish !== null) return null;
  return end === 'complete' ? 'the stream ended without a finish_reason' : endWords(exchange);
}

/** How an exchange ended, for evidence. */
export function endWords({ end, tookMs, error }: Exchange): string {
  const seconds = `${(tookMs / 1000).toFixed(1)} s`;
  switch (end) {
    case 'timeout':
      return `no end in ${seconds}`;
    case 'cut':
      return 'the connection broke off';
    case 'refused':
      return `no connection${/ECONNREFUSED/.test(error ?? '') ? ' (refused)' : ''}`;
    case 'too-large':
      return 'an endless reply';
    case 'stopped':
      return 'stopped';
    default:
      return 'the connection was closed';
  }
}

export const contentType = ({ headers }: Exchange) =>
  // Only the words that a header of this kind is made of: it is text from outside.
  /^[\w.+/-]{1,60}/.exec(headers['content-type'] ?? '')?.[0] ?? 'no content type';

export const shapeOfText = (body: string): string => shapeOf(parseJson(body));

const word = (value: unknown) =>
  typeof value === 'number' || (typeof value === 'string' && /^[\w.-]{1,40}$/.test(value))
    ? String(value)
    : null;

/** The keys of an error body and its type, never its message: that may quote what was asked. */
export function shapeOf(json: unknown): string {
  if (json === undefined) return 'no JSON';
  if (!isJsonObject(json)) return Array.isArray(json) ? 'a JSON list' : 'a JSON value';
  const inner = json['error'];
  const keys = (value: Record<string, unknown>) =>
    Object.keys(value)
      .filter((key) => word(key) !== null)
      .slice(0, 8)
      .join(', ');
  if (!isJsonObject(inner)) return `{${keys(json)}}`;
  const type = word(inner['type']);
  return `{error: {${keys(inner)}}}${type === null ? '' : ` ${type}`}`;
}

/** `{error: {message}}`, the shape of OpenAI's errors. */
export function isOpenAiError(body: string): boolean {
  const json = parseJson(body);
  const inner = isJsonObject(json) ? json['error'] : undefined;
  return isJsonObject(inner) && typeof inner['message'] === 'string';
}
