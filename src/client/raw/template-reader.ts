import { Candidate, notCounted } from '../chunk-log.ts';
import { createSseParser, type SseParser } from '../sse-parser.ts';
import {
  createStreamInterpreter,
  type StreamScratch,
  type TextChunk,
} from '../stream-interpreter.ts';
import type { StreamReader } from '../stream-reader.ts';
import { createStreamLead, type StreamLead } from './event-template.ts';
import type { TemplateStore } from './template-store.ts';

/** What one stream after the other is read into. */
export type TemplateScratch = StreamScratch & { lead?: StreamLead };

/** A stream reader with a short way for the usual. */
export interface TemplateReader extends StreamReader {
  /**
   * Takes as many whole HTTP chunks as hold one event each of a known shape, straight off the wire:
   * bytes[from, to) begin with a chunk's size line. Only for a stream of which `isSteady`.
   * @returns where it stopped; what is left is for the ordinary way.
   */
  pushChunks(bytes: Uint8Array, from: number, to: number, atUs: number, read: number): number;
  /** Between two events. */
  readonly isSteady: boolean;
  /** Chunks so far that bear a token or may turn out to. */
  readonly rows: number;
  /** Forgets the stream, for the next one; what `result` gave stays. */
  reset(): void;
}

/** First byte of a byte order mark. */
const bomStart = 0xef;

/**
 * Reads like the parsing reader and gives the same results, but events that match a known
 * template byte for byte are neither decoded nor parsed. Everything else goes through the SSE
 * parser and the interpreter: events cut by a read or by an HTTP chunk, with other fields, without
 * text, finishing, with usage alone, errors, comments.
 *
 * @param restampUs asked after the first token of a push: the stamp of what follows it
 */
export function createTemplateReader(
  templates: TemplateStore,
  scratch: TemplateScratch,
  restampUs: (atUs: number) => number = (atUs) => atUs,
): TemplateReader {
  const { log } = scratch;
  const lead = (scratch.lead ??= createStreamLead());
  const interpreter = createStreamInterpreter(scratch);
  let stampUs = 0;
  let readNumber = 0;
  const parser: SseParser = createSseParser((event) =>
    interpreter.push(event, stampUs, readNumber),
  );
  let hasBegun = false;
  /** The shape of the last chunk, if all it told beyond its row has been told before. */
  let known: TextChunk | null = null;

  const isNoNews = ({ choice, kind, usage, timings }: TextChunk) =>
    usage === null && timings === null && log.rawChoice === choice && log.rawKind === kind;

  return {
    push(bytes, from, to, atUs, read) {
      if (from === to) return;
      if (!hasBegun) {
        hasBegun = true;
        parser.reset(bytes[from] === bomStart);
      }
      stampUs = atUs;
      readNumber = read;
      known = null;
      let at = from;
      while (at < to) {
        const rows = interpreter.rows;
        const atBoundary = parser.atBoundary;
        const template = atBoundary ? templates.find(bytes, at, to, lead) : null;
        if (template !== null) {
          const { chunk, textFrom, textTo } = template;
          interpreter.pushText(chunk, stampUs, read, bytes, textFrom, textTo);
          at = templates.end;
        } else {
          const next = parser.pushEvent(bytes, at, to);
          const bore = interpreter.rows === rows + 1 && log.candidate(rows) === Candidate.no;
          if (bore && atBoundary && parser.atBoundary) {
            templates.learn(bytes, at, next);
          }
          at = next;
        }
        if (at < to && interpreter.rows > rows) stampUs = restampUs(stampUs);
      }
    },
    pushChunks(bytes, from, to, atUs, read) {
      let stamp = atUs;
      let at = from;
      while (at < to) {
        const data = sizeLineEnd(bytes, at, to);
        const end = data + chunkSize;
        if (data === -1 || end + 2 > to) return at;
        const template = templates.find(bytes, data, end, lead);
        if (template === null || templates.end !== end) return at;
        if (bytes[end] !== CR || bytes[end + 1] !== LF) return at;
        if (at > from) stamp = restampUs(stamp);
        const { chunk, textFrom, textTo } = template;
        // After one chunk of this shape nothing but its row is news.
        if (chunk === known) log.addRaw(stamp, read, notCounted, bytes, textFrom, textTo);
        else {
          interpreter.pushText(chunk, stamp, read, bytes, textFrom, textTo);
          known = isNoNews(chunk) ? chunk : null;
        }
        at = end + 2;
      }
      return at;
    },
    get isSteady() {
      return hasBegun && parser.atBoundary;
    },
    get rows() {
      return interpreter.rows;
    },
    end: () => parser.end(),
    reset() {
      interpreter.reset();
      hasBegun = false;
      known = null;
    },
    get hasToken() {
      return interpreter.hasToken;
    },
    get done() {
      return interpreter.done;
    },
    get finishReason() {
      return interpreter.finishReason;
    },
    get error() {
      return interpreter.error;
    },
    result: () => interpreter.result(),
  };
}

const CR = 13;
const LF = 10;

/** What the last size line said. */
let chunkSize = 0;

/** Reads `<hex>CRLF` into `chunkSize`. @returns where the chunk's data begin; -1 = anything else */
function sizeLineEnd(bytes: Uint8Array, from: number, to: number): number {
  let size = 0;
  for (let at = from; at + 1 < to && at < from + 6; at++) {
    const byte = bytes[at] as number;
    const lower = byte | 0x20;
    if (byte >= 0x30 && byte <= 0x39) size = size * 16 + byte - 0x30;
    else if (lower >= 0x61 && lower <= 0x66) size = size * 16 + lower - 0x57;
    else {
      chunkSize = size;
      return byte === CR && bytes[at + 1] === LF && size > 0 ? at + 2 : -1;
    }
  }
  return -1;
}
