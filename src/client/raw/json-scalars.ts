/** A string, number or literal inside a JSON text, and where it stands. */
export interface JsonScalar {
  /** Keys and positions from the top: `choices/0/delta/content`. */
  path: string;
  kind: 'string' | 'number' | 'literal';
  /** Bytes [from, to); of a string what is between its quotes. */
  from: number;
  to: number;
}

const quote = 0x22;
const backslash = 0x5c;

/**
 * Finds all scalars of a JSON text that is known to be valid, in the order of the bytes.
 * @returns null where paths would be ambiguous: a key that repeats, is escaped or holds a slash.
 */
export function findJsonScalars(json: Uint8Array): JsonScalar[] | null {
  const found: JsonScalar[] = [];
  const seen = new Set<string>();
  let at = 0;
  let isPlain = true;

  const skipBlanks = () => {
    while (at < json.length && (json[at] ?? 0) <= 0x20) at++;
  };

  /** Goes past a string; afterwards `at` is behind its closing quote. */
  function skipString(): void {
    at++;
    while (at < json.length && json[at] !== quote) at += json[at] === backslash ? 2 : 1;
    at++;
  }

  function value(path: string): void {
    skipBlanks();
    const first = String.fromCharCode(json[at] ?? 0);
    if (first === '{') members(path);
    else if (first === '[') elements(path);
    else scalar(path, first);
    skipBlanks();
  }

  function scalar(path: string, first: string): void {
    const from = at;
    if (first === '"') {
      skipString();
      found.push({ path, kind: 'string', from: from + 1, to: at - 1 });
      return;
    }
    while (at < json.length && !',]} \t\r\n'.includes(String.fromCharCode(json[at] ?? 0))) at++;
    found.push({ path, kind: /[-\d]/.test(first) ? 'number' : 'literal', from, to: at });
  }

  function members(path: string): void {
    at++;
    skipBlanks();
    while (at < json.length && json[at] !== 0x7d) {
      const from = at + 1;
      skipString();
      const key = Buffer.from(json.subarray(from, at - 1)).toString('latin1');
      const full = `${path}${path === '' ? '' : '/'}${key}`;
      if (/[\\/]/.test(key) || seen.has(full)) isPlain = false;
      seen.add(full);
      skipBlanks();
      at++;
      value(full);
      if (json[at] === 0x2c) at++;
      skipBlanks();
    }
    at++;
  }

  function elements(path: string): void {
    at++;
    skipBlanks();
    for (let i = 0; at < json.length && json[at] !== 0x5d; i++) {
      value(`${path}/${i}`);
      if (json[at] === 0x2c) at++;
      skipBlanks();
    }
    at++;
  }

  value('');
  return isPlain ? found : null;
}
