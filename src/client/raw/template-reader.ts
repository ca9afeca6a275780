import { createSseParser, type SseParser } from '../sse-parser.ts';
import { createStreamInterpreter, type StreamScratch } from '../stream-interpreter.ts';
import type { StreamReader } from '../stream-reader.ts';
import type { TemplateStore } from './template-store.ts';

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
  scratch: StreamScratch,
  restampUs: (atUs: number) => number = (atUs) => atUs,
): StreamReader {
  const interpreter = createStreamInterpreter(scratch);
  let stampUs = 0;
  let readNumber = 0;
  let parser: SseParser | null = null;

  function start(firstByte: number | undefined): SseParser {
    return createSseParser((event) => interpreter.push(event, stampUs, readNumber), {
      mayHaveBom: firstByte === bomStart,
    });
  }

  return {
    push(bytes, from, to, atUs, read) {
      if (from === to) return;
      parser ??= start(bytes[from]);
      stampUs = atUs;
      readNumber = read;
      let at = from;
      while (at < to) {
        const rows = interpreter.rows;
        const atBoundary = parser.atBoundary;
        const template = atBoundary ? templates.find(bytes, at, to) : null;
        if (template !== null) {
          const { chunk, textFrom, textTo } = template;
          interpreter.pushText(chunk, stampUs, read, bytes, textFrom, textTo);
          at = templates.end;
        } else {
          const next = parser.pushEvent(bytes, at, to);
          if (atBoundary && interpreter.rows === rows + 1 && parser.atBoundary) {
            templates.learn(bytes, at, next);
          }
          at = next;
        }
        if (at < to && interpreter.rows > rows) stampUs = restampUs(stampUs);
      }
    },
    end: () => parser?.end(),
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
