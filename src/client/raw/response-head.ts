import type { ResponseHeaders } from '../body-sniffer.ts';

/** Status line and headers of one response, and what they say about its body. */
export interface ResponseHead {
  status: number;
  headers: ResponseHeaders;
  body: BodyFraming;
  /** The server lets the connection be used again, as far as the head tells. */
  keepAlive: boolean;
}

/** How the end of the body is told (RFC 9112, section 6.3). */
export type BodyFraming =
  | { kind: 'chunked' }
  | { kind: 'length'; bytes: number }
  | { kind: 'until-close' };

/** @returns the head, or in words why it is none. `text` ends before the blank line. */
export function parseResponseHead(text: string): ResponseHead | string {
  const lines = text.split(/\r?\n/);
  const start = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: .*)?$/.exec(lines[0] ?? '');
  if (start === null) return 'Expected HTTP/1.1 and a status';
  const headers: Record<string, string | string[]> = Object.create(null);
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i] ?? '';
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colon)).toLowerCase();
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name)) return 'Invalid header token';
    const value = line.slice(colon + 1).trim();
    const before = headers[name];
    if (before === undefined) headers[name] = value;
    else headers[name] = [...(Array.isArray(before) ? before : [before]), value];
  }
  const status = Number(start[2]);
  const body = framingOf(status, headers);
  if (typeof body === 'string') return body;
  const connection = list(headers['connection']);
  const keepAlive =
    body.kind !== 'until-close' &&
    !connection.includes('close') &&
    (start[1] === '1' || connection.includes('keep-alive'));
  return { status, headers, body, keepAlive };
}

function framingOf(status: number, headers: ResponseHeaders): BodyFraming | string {
  if (status < 200 || status === 204 || status === 304) return { kind: 'length', bytes: 0 };
  const codings = list(headers['transfer-encoding']);
  const length = headers['content-length'];
  if (codings.length > 0) {
    if (length !== undefined) return "Content-Length can't be present with Transfer-Encoding";
    return { kind: codings.at(-1) === 'chunked' ? 'chunked' : 'until-close' };
  }
  if (length === undefined) return { kind: 'until-close' };
  if (Array.isArray(length)) return 'Content-Length already present';
  if (!/^\d{1,15}$/.test(length)) return 'Invalid character in Content-Length';
  return { kind: 'length', bytes: Number(length) };
}

/** Members of a comma list, lower case. */
function list(value: string | string[] | undefined): string[] {
  if (value === undefined) return [];
  return (Array.isArray(value) ? value.join(',') : value)
    .toLowerCase()
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
