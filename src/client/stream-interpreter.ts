import type { TokenSource } from '../model/index.ts';
import { ChunkKind } from '../model/index.ts';
import { isJsonObject, readChoice } from './chunk-fields.ts';
import { createOutputText, type OutputText } from './output-text.ts';
import { messageOfJson, parseJson } from './server-message.ts';
import { type ChunkRow, settleCandidates, settleTokens } from './settle-chunks.ts';
import type { SseEvent } from './sse-parser.ts';
import { createUsageReader, type UsageTotals } from './usage-reader.ts';

/** Oddities of a stream that are not errors; for findings. */
export interface StreamNotes {
  /** Delta fields outside the known table that held text and were counted as tokens. */
  unknownDeltaFields: string[];
  /** Events whose data is not a JSON object. */
  malformedEvents: number;
  logprobs: boolean;
  /** Highest number of choices seen. */
  choices: number;
  /** The stream ended well without `[DONE]`. */
  finishWithoutDone: boolean;
  /** Empty chunks that became tokens because only then chunks equal the usage. */
  emptyChunksCounted: number;
}

/** A whole stream, read. Stamps are whatever the caller passed to `push`. */
export interface StreamResult extends UsageTotals {
  firstChunkUs: number | null;
  firstTokenUs: number | null;
  lastTokenUs: number | null;
  finishReason: string | null;
  done: boolean;
  /** Message of an error sent inside the stream; null when there was none. */
  error: string | null;
  chunks: { atUs: number[]; tokens: number[]; read: number[]; kind: ChunkKind[] };
  /** `assumed` means unresolved: `chunks.tokens` holds ones that a tokenizer may correct. */
  tokenSource: TokenSource;
  text: OutputText;
  notes: StreamNotes;
}

export interface StreamInterpreter {
  /** @param atUs stamp of the read that completed the event; @param read its number. */
  push(event: Pick<SseEvent, 'event' | 'data'>, atUs: number, read: number): void;
  /** A token, or an empty chunk that may turn out to be one, has arrived. */
  readonly hasToken: boolean;
  readonly done: boolean;
  readonly finishReason: string | null;
  readonly error: string | null;
  result(): StreamResult;
}

/**
 * Turns the events of one chat or completions stream into chunks, stamps and usage.
 *
 * A chunk bears a token when any choice holds text under any field, or when its running usage
 * went up although its text is empty. Tokens per chunk come from the running usage where every
 * token-bearing chunk has one and they add up to the usage.
 */
export function createStreamInterpreter(): StreamInterpreter {
  const rows: ChunkRow[] = [];
  const text = createOutputText();
  const usage = createUsageReader();
  const unknownFields = new Set<string>();
  const notes = { malformedEvents: 0, logprobs: false, choices: 0 };
  const tokensSeen = new Map<number, boolean>();
  let firstChunkUs: number | null = null;
  let finishReason: string | null = null;
  let done = false;
  let error: string | null = null;

  function push(event: Pick<SseEvent, 'event' | 'data'>, atUs: number, read: number): void {
    if (event.data === '[DONE]' || event.data.trim() === '[DONE]') {
      done = true;
      return;
    }
    const json = parseJson(event.data);
    if (event.event === 'error') {
      error ??= messageOfJson(json) ?? event.data;
      return;
    }
    if (!isJsonObject(json)) {
      notes.malformedEvents++;
      return;
    }
    const choices = Array.isArray(json['choices']) ? json['choices'].filter(isJsonObject) : [];
    const failure = errorOf(json, choices);
    if (failure !== null) {
      error ??= failure;
      return;
    }
    firstChunkUs ??= atUs;
    usage.read(json);
    if (choices.length > 0) readChoices(json, choices, atUs, read);
  }

  function readChoices(
    json: Record<string, unknown>,
    choices: Record<string, unknown>[],
    atUs: number,
    read: number,
  ): void {
    const row: ChunkRow = { atUs, read, kind: ChunkKind.empty, counted: 0, candidate: 'no' };
    let tokens = false;
    let candidate = false;
    let finished = false;
    for (const choice of choices) {
      const index = typeof choice['index'] === 'number' ? choice['index'] : 0;
      notes.choices = Math.max(notes.choices, index + 1);
      if (choice['logprobs'] !== null && choice['logprobs'] !== undefined) notes.logprobs = true;
      if (typeof choice['finish_reason'] === 'string') {
        finishReason = choice['finish_reason'];
        finished = true;
      }
      const content = readChoice(choice, unknownFields);
      for (const piece of content.pieces) {
        if (row.kind === ChunkKind.empty) row.kind = piece.kind;
        text.add(rows.length, index, piece.kind, piece.text);
      }
      const bears = content.pieces.length > 0;
      const added = usage.added(json, index, choices.length, {
        bears,
        finished: typeof choice['finish_reason'] === 'string',
        seen: tokensSeen.get(index) ?? false,
      });
      // token_ids are exact for this chunk even where no running count is sent.
      const counted = added ?? content.tokenIds;
      if (bears || (counted ?? 0) > 0) {
        tokens = true;
        tokensSeen.set(index, true);
        row.counted = counted === null || row.counted === null ? null : row.counted + counted;
      } else candidate ||= content.emptyText && counted === null;
    }
    if (tokens) rows.push(row);
    else if (candidate) {
      if (!finished) rows.push({ ...row, candidate: 'empty' });
      else if (!usage.isIn(json)) rows.push({ ...row, candidate: 'empty-finish' });
    }
  }

  function result(): StreamResult {
    const totals = usage.totals();
    const { kept, renumber, promoted } = settleCandidates(rows, totals.outputTokensUsage);
    const { tokens, source } = settleTokens(kept, totals.outputTokensUsage, promoted > 0);
    return {
      ...totals,
      firstChunkUs,
      firstTokenUs: kept[0]?.atUs ?? null,
      lastTokenUs: kept.at(-1)?.atUs ?? null,
      finishReason,
      done,
      error,
      chunks: {
        atUs: kept.map((row) => row.atUs),
        tokens,
        read: kept.map((row) => row.read),
        kind: kept.map((row) => row.kind),
      },
      tokenSource: source,
      text: text.output(renumber),
      notes: {
        ...notes,
        unknownDeltaFields: [...unknownFields],
        finishWithoutDone: finishReason !== null && !done,
        emptyChunksCounted: promoted,
      },
    };
  }

  return {
    push,
    result,
    get hasToken() {
      return rows.length > 0;
    },
    get done() {
      return done;
    },
    get finishReason() {
      return finishReason;
    },
    get error() {
      return error;
    },
  };
}

/** The message of an error object in a 200 stream, in the forms that servers use. */
function errorOf(
  json: Record<string, unknown>,
  choices: readonly Record<string, unknown>[],
): string | null {
  if (json['error']) {
    return messageOfJson(json) ?? JSON.stringify(json['error']);
  }
  if (json['object'] === 'error') return messageOfJson(json) ?? JSON.stringify(json);
  if (!('choices' in json) && json['detail']) return messageOfJson(json);
  const inChoice = choices.find((choice) => isJsonObject(choice['error']));
  return inChoice ? messageOfJson(inChoice) : null;
}
