/** Cuts the bytes of one JSON array into its elements, as they come. */
export interface ElementSplitter {
  /**
   * The JSON texts of the elements that end within these bytes. An object or array ends at its
   * closing bracket, any other value at the comma or bracket behind it.
   * @throws SyntaxError where the bytes cannot be an array
   */
  push(bytes: Uint8Array): string[];
  /** The array's closing bracket was seen. */
  readonly complete: boolean;
  /** Bytes up to the end of the last element that was given. */
  readonly elementEnd: number;
}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const byteOrderMark = [0xef, 0xbb, 0xbf];

const isSpace = (byte: number) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
const opens = (byte: number) => byte === 0x7b || byte === 0x5b;
const closes = (byte: number) => byte === 0x7d || byte === 0x5d;

/**
 * Works on bytes: those of UTF-8 characters beyond ASCII never look like the marks that matter, and
 * a file may be larger than a string can be. Only brackets, quotes and commas are looked at; whoever
 * parses an element finds what else is wrong with it.
 */
export function createElementSplitter(): ElementSplitter {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let state: 'before' | 'array' | 'after' = 'before';
  /** Bytes of an element that began in an earlier chunk. */
  let held: Uint8Array[] = [];
  let depth = 0;
  let inString = false;
  let escaped = false;
  /** An object or array was given, and a comma or the end has to follow. */
  let given = false;
  let any = false;
  let seen = 0;
  let elementEnd = 0;

  const textOf = (tail: Uint8Array): string => {
    const parts = held.length === 0 ? tail : Buffer.concat([...held, tail]);
    held = [];
    return decoder.decode(parts).trim();
  };
  const fail = (at: number, what: string): never => {
    throw new SyntaxError(`${what} at byte ${seen + at}`);
  };

  function push(bytes: Uint8Array): string[] {
    const texts: string[] = [];
    let start = 0;
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i] ?? 0;
      if (state !== 'array') {
        if (isSpace(byte) || (state === 'before' && byteOrderMark[seen + i] === byte)) continue;
        if (state === 'after' || byte !== 0x5b) {
          fail(i, state === 'after' ? 'text behind the array' : 'no array');
        }
        state = 'array';
        start = i + 1;
      } else if (inString) {
        if (escaped) escaped = false;
        else if (byte === backslash) escaped = true;
        else if (byte === quote) inString = false;
      } else if (depth === 0 && (byte === comma || byte === 0x5d)) {
        const text = textOf(bytes.subarray(start, i));
        start = i + 1;
        // `[]` has no element; everywhere else something stands before a comma or the end.
        if (text !== '') texts.push(text);
        else if (!given && (byte === comma || any)) fail(i, 'no value');
        if (!given) elementEnd = seen + i;
        given = false;
        any = true;
        if (byte === 0x5d) state = 'after';
      } else if (given) {
        if (!isSpace(byte)) fail(i, 'no comma between two values');
      } else if (byte === quote) {
        inString = true;
      } else if (opens(byte)) {
        depth += 1;
      } else if (closes(byte)) {
        depth -= 1;
        if (depth === 0) {
          texts.push(textOf(bytes.subarray(start, i + 1)));
          start = i + 1;
          elementEnd = seen + i + 1;
          given = true;
        }
      }
    }
    if (state === 'array' && start < bytes.length) held.push(bytes.slice(start));
    seen += bytes.length;
    return texts;
  }

  return {
    push,
    get complete() {
      return state === 'after';
    },
    get elementEnd() {
      return elementEnd;
    },
  };
}
