import { createSseParser } from './sse-parser.ts';
import {
  createStreamInterpreter,
  createStreamScratch,
  type StreamResult,
} from './stream-interpreter.ts';

/** Reads the body of one event stream, from bytes to chunks. */
export interface StreamReader {
  /**
   * One piece of the body: bytes[from, to), which may be reused afterwards.
   * @param atUs stamp of the read that brought it, microseconds since the run's origin
   * @param read number of that read
   * @throws BenchError `TARGET_SSE_LINE_TOO_LONG`
   */
  push(bytes: Uint8Array, from: number, to: number, atUs: number, read: number): void;
  /** Nothing more comes; an event without its blank line is discarded. */
  end(): void;
  /** A token, or an empty chunk that may turn out to be one, has arrived. */
  readonly hasToken: boolean;
  /** `[DONE]` was seen. */
  readonly done: boolean;
  readonly finishReason: string | null;
  /** Message of an error sent inside the stream. */
  readonly error: string | null;
  result(): StreamResult;
}

/** Parses every event as the standards say. */
export function createParsingReader(scratch = createStreamScratch()): StreamReader {
  const interpreter = createStreamInterpreter(scratch);
  let stampUs = 0;
  let readNumber = 0;
  const parser = createSseParser((event) => interpreter.push(event, stampUs, readNumber));
  return {
    push(bytes, from, to, atUs, read) {
      stampUs = atUs;
      readNumber = read;
      parser.push(bytes.subarray(from, to));
    },
    end: () => parser.end(),
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
