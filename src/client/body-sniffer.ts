/** Lower-case names, as undici gives them. */
export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** Decides from headers and first bytes whether a response body is an event stream. */
export interface BodySniffer {
  headers(status: number, headers: ResponseHeaders): void;
  /** The bytes to parse as events; null when they are not (or not yet) known to be events. */
  push(bytes: Uint8Array): Uint8Array | null;
  /** `open` until the first byte that tells. */
  readonly verdict: 'open' | 'sse' | 'other';
  /** Why it is not an event stream, in words. */
  readonly reason: string;
  /** The kept bytes are text that can be shown. */
  readonly isText: boolean;
  /** The head of a body that is not an event stream, at most 64 KiB. */
  body(): string;
}

const maxKeptBytes = 64 * 1024;
const otherType = /json(?!l)|html|xml|^image\/|^audio\/|^video\/|pdf|zip/i;

export function createBodySniffer(): BodySniffer {
  let verdict = 'open' as BodySniffer['verdict'];
  let reason = 'The response is not an event stream';
  let isText = true;
  let type = '';
  let kept: Buffer[] = [];
  let keptBytes = 0;

  function refuse(why: string): void {
    verdict = 'other';
    reason = why;
  }

  function keep(bytes: Uint8Array): void {
    if (keptBytes >= maxKeptBytes) return;
    const part = Buffer.from(bytes.subarray(0, maxKeptBytes - keptBytes));
    kept.push(part);
    keptBytes += part.length;
  }

  function headers(status: number, fields: ResponseHeaders): void {
    const encoding = one(fields['content-encoding']).trim().toLowerCase();
    type = one(fields['content-type']).trim();
    if (encoding !== '' && encoding !== 'identity') {
      isText = false;
      refuse(`Expected an uncompressed event stream, got content-encoding ${encoding}`);
    } else if (status < 200 || status > 299) refuse(`HTTP ${status}`);
    else if (otherType.test(type)) refuse(`Expected text/event-stream, got ${type}`);
  }

  /** Some name no type, or the wrong one; an event stream begins neither with a bracket nor gzip. */
  function sniff(): void {
    const head = Buffer.concat(kept);
    const start = head.findIndex((byte) => byte > 32);
    if (head[0] === 0x1f) {
      if (head.length < 2) return;
      if (head[1] === 0x8b) {
        isText = false;
        refuse('Expected an uncompressed event stream, got gzip');
        return;
      }
    }
    if (start === -1) return;
    const first = String.fromCharCode(head[start] ?? 0);
    const named = type === '' ? 'no content-type' : type;
    if (first === '{' || first === '[') refuse(`Expected an event stream, got JSON (${named})`);
    else if (first === '<') refuse(`Expected an event stream, got HTML (${named})`);
    else verdict = 'sse';
  }

  const isStream = () => verdict === 'sse';

  return {
    headers,
    push(bytes) {
      if (isStream()) return bytes;
      keep(bytes);
      if (verdict === 'open') sniff();
      if (!isStream()) return null;
      const head = Buffer.concat(kept);
      kept = [];
      // The first bytes that are not blank may come after more than what is kept.
      return head.length >= bytes.length ? head : bytes;
    },
    get verdict() {
      return verdict;
    },
    get reason() {
      return reason;
    },
    get isText() {
      return isText;
    },
    body: () => (isText ? Buffer.concat(kept).toString('utf8') : ''),
  };
}

function one(value: string | string[] | undefined): string {
  return Array.isArray(value) ? value.join(', ') : (value ?? '');
}
