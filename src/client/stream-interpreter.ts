import type { ChunkColumns, TokenSource } from '../model/index.ts';
import { ChunkKind } from '../model/index.ts';
import { type ReadColumns, readPlainColumns } from './chunk-columns.ts';
import { isJsonObject, readChoice } from './chunk-fields.ts';
import { Candidate, ChunkLog, notCounted } from './chunk-log.ts';
import { type PackedText, type TextPiece, takeText, textOfJson } from './output-text.ts';
import { messageOfJson, parseJson } from './server-message.ts';
import { settleChunks } from './settle-chunks.ts';
import type { SseEvent } from './sse-parser.ts';
import {
  createUsageReader,
  runningCount,
  type TimingCounts,
  type UsageCounts,
  type UsageTotals,
} from './usage-reader.ts';

/** Oddities of a stream that are not errors; for findings. */
export interface StreamNotes {
  /** Delta fields outside the known log that held text and were counted as tokens. */
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
  chunks: ChunkColumns;
  /** `assumed` means unresolved: `chunks.tokens` holds ones that a tokenizer may correct. */
  tokenSource: TokenSource;
  /** Copies the text out of the scratch. */
  takeText: () => PackedText;
  notes: StreamNotes;
}

/** A chunk that holds one piece of text of one choice, and counts beside it at most. */
export interface TextChunk {
  choice: number;
  kind: ChunkKind;
  /** The numbers of its `usage`; null where it has none. */
  usage: UsageCounts | null;
  /** The counts of its `timings`; null where it has none. */
  timings: TimingCounts | null;
}

/** What a stream is read into; the next one uses it again. */
export interface StreamScratch {
  log: ChunkLog;
  readColumns: ReadColumns;
}

export function createStreamScratch(readColumns: ReadColumns = readPlainColumns): StreamScratch {
  return { log: new ChunkLog(), readColumns };
}

export interface StreamInterpreter {
  /** @param atUs stamp of the read that completed the event; @param read its number. */
  push(event: Pick<SseEvent, 'event' | 'data'>, atUs: number, read: number): void;
  /**
   * A chunk whose text has not been read: bytes[from, to), valid inside of a JSON string, not empty.
   * The bytes may be reused afterwards.
   */
  pushText(
    chunk: TextChunk,
    atUs: number,
    read: number,
    bytes: Uint8Array,
    from: number,
    to: number,
  ): void;
  /** Chunks so far that bear a token or may turn out to. */
  readonly rows: number;
  /** A token, or an empty chunk that may turn out to be one, has arrived. */
  readonly hasToken: boolean;
  readonly done: boolean;
  readonly finishReason: string | null;
  readonly error: string | null;
  result(): StreamResult;
  /** Forgets it all, for the next stream; what `result` gave stays. */
  reset(): void;
}

/**
 * Turns the events of one chat or completions stream into chunks, stamps and usage.
 *
 * A chunk bears a token when any choice holds text under any field, or when its running usage
 * went up although its text is empty. Tokens per chunk come from the running usage where every
 * token-bearing chunk has one and they add up to the usage.
 */
export function createStreamInterpreter(scratch = createStreamScratch()): StreamInterpreter {
  const { log } = scratch;
  log.clear();
  let pieces: TextPiece[] = [];
  const usage = createUsageReader();
  const unknownFields = new Set<string>();
  const notes = { malformedEvents: 0, logprobs: false, choices: 0 };
  /** Choices that have had a token. */
  const tokensSeen = new Set<number>();
  let lastChoice = -1;
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
    let kind: ChunkKind = ChunkKind.empty;
    /** Null once a choice that bears tokens does not say how many. */
    let tokens: number | null = 0;
    let isToken = false;
    let candidate = false;
    let finished = false;
    const now = runningCount(json);
    for (const choice of choices) {
      const index = typeof choice['index'] === 'number' ? choice['index'] : 0;
      const ends = typeof choice['finish_reason'] === 'string';
      notes.choices = Math.max(notes.choices, index + 1);
      if (choice['logprobs'] !== null && choice['logprobs'] !== undefined) notes.logprobs = true;
      if (typeof choice['finish_reason'] === 'string') {
        finishReason = choice['finish_reason'];
        finished = true;
      }
      const content = readChoice(choice, unknownFields);
      for (const piece of content.pieces) {
        if (kind === ChunkKind.empty) kind = piece.kind;
        pieces.push({ row: log.rows, choice: index, ...piece });
      }
      const bears = content.pieces.length > 0;
      const seen = tokensSeen.has(index);
      const added = usage.added(now, index, choices.length, bears, ends, seen);
      // token_ids are exact for this chunk even where no running count is sent.
      const counted = added ?? content.tokenIds;
      if (bears || (counted ?? 0) > 0) {
        isToken = true;
        tokensSeen.add(index);
        tokens = counted === null || tokens === null ? null : tokens + counted;
      } else candidate ||= content.emptyText && counted === null;
    }
    if (isToken) log.add(atUs, read, kind, tokens ?? notCounted, Candidate.no);
    else if (candidate) {
      if (!finished) log.add(atUs, read, kind, 0, Candidate.empty);
      else if (now === null) log.add(atUs, read, kind, 0, Candidate.emptyFinish);
    }
  }

  function pushText(
    chunk: TextChunk,
    atUs: number,
    read: number,
    bytes: Uint8Array,
    from: number,
    to: number,
  ): void {
    const { choice, kind } = chunk;
    firstChunkUs ??= atUs;
    if (choice >= notes.choices) notes.choices = choice + 1;
    let counted: number | null = null;
    if (chunk.usage !== null || chunk.timings !== null) {
      if (chunk.usage !== null) usage.readCounts(chunk.usage);
      if (chunk.timings !== null) usage.readTimings(choice, chunk.timings);
      const now = chunk.usage?.output ?? chunk.timings?.output ?? null;
      counted = usage.added(now, choice, 1, true, false, tokensSeen.has(choice));
    }
    if (choice !== lastChoice) {
      tokensSeen.add(choice);
      lastChoice = choice;
    }
    if (log.rawChoice === -1) {
      log.rawChoice = choice;
      log.rawKind = kind;
    }
    if (log.rawChoice === choice && log.rawKind === kind) {
      log.addRaw(atUs, read, counted ?? notCounted, bytes, from, to);
      return;
    }
    const raw = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from);
    pieces.push({ row: log.rows, choice, kind, text: textOfJson(raw.toString('utf8')) });
    log.add(atUs, read, kind, counted ?? notCounted, Candidate.no);
  }

  function result(): StreamResult {
    const totals = usage.totals();
    const settled = settleChunks(log, totals.outputTokensUsage);
    const { kept, promoted, source } = settled;
    const first = kept === null ? 0 : kept[0];
    const last = kept === null ? log.rows - 1 : kept.at(-1);
    return {
      ...totals,
      firstChunkUs,
      firstTokenUs: source === 'none' ? null : log.atUs(first ?? 0),
      lastTokenUs: source === 'none' ? null : log.atUs(last ?? 0),
      finishReason,
      done,
      error,
      chunks: scratch.readColumns(log, settled),
      tokenSource: source,
      takeText: () => takeText(log, pieces, kept),
      notes: {
        ...notes,
        unknownDeltaFields: [...unknownFields],
        finishWithoutDone: finishReason !== null && !done,
        emptyChunksCounted: promoted,
      },
    };
  }

  function reset(): void {
    log.clear();
    // A result may hold the old ones, also where there are none yet.
    pieces = [];
    usage.reset();
    if (unknownFields.size > 0) unknownFields.clear();
    notes.malformedEvents = 0;
    notes.logprobs = false;
    notes.choices = 0;
    tokensSeen.clear();
    lastChoice = -1;
    firstChunkUs = null;
    finishReason = null;
    done = false;
    error = null;
  }

  return {
    push,
    pushText,
    result,
    reset,
    get rows() {
      return log.rows;
    },
    get hasToken() {
      return log.rows > 0;
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
