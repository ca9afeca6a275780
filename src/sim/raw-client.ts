import { Buffer } from 'node:buffer';
import { connect } from 'node:net';
import { hrtimeUs } from './real-agenda.ts';

/** What came over the wire, byte for byte: for tests of servers, not for measuring. */
export interface RawReply {
  /** Bytes of each read with its time by `hrtimeUs`. */
  reads: { atUs: number; bytes: Buffer }[];
  /** null when no status line came. */
  status: number | null;
  headers: Record<string, string>;
  /** The body without its HTTP chunks. */
  body: Buffer;
  /** Sizes of the HTTP chunks, the ending 0 included; empty for other bodies. */
  chunkSizes: number[];
  /** How the connection ended: by FIN, by an error such as ECONNRESET, or by us after `giveUpMs`. */
  end: 'fin' | 'gave-up' | (string & {});
  sentUs: number;
}

export interface RawRequest {
  method?: string;
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
  /** Destroys the connection that long after sending; default 5 s. */
  giveUpMs?: number;
}

/** Sends one HTTP/1.1 request (`connection: close`) over a bare socket. Never rejects. */
export function sendRaw(port: number, request: RawRequest): Promise<RawReply> {
  const body = request.body === undefined ? '' : JSON.stringify(request.body);
  const headers = {
    host: '127.0.0.1',
    connection: 'close',
    'content-length': String(Buffer.byteLength(body)),
    ...request.headers,
  };
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const method = request.method ?? (body === '' ? 'GET' : 'POST');
  return new Promise((resolve) => {
    const reads: RawReply['reads'] = [];
    let sentUs = 0;
    let end: RawReply['end'] = 'fin';
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    const timer = setTimeout(() => {
      end = 'gave-up';
      socket.destroy();
    }, request.giveUpMs ?? 5000);
    socket.on('connect', () => {
      sentUs = hrtimeUs();
      socket.write(`${method} ${request.path} HTTP/1.1\r\n${head.join('')}\r\n${body}`);
    });
    socket.on('data', (bytes) => reads.push({ atUs: hrtimeUs(), bytes }));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      end = error.code ?? error.message;
    });
    socket.on('close', () => {
      clearTimeout(timer);
      resolve({
        ...parseReply(Buffer.concat(reads.map((read) => read.bytes))),
        reads,
        end,
        sentUs,
      });
    });
  });
}

function parseReply(bytes: Buffer): Pick<RawReply, 'status' | 'headers' | 'body' | 'chunkSizes'> {
  const split = bytes.indexOf('\r\n\r\n');
  if (split < 0) return { status: null, headers: {}, body: Buffer.alloc(0), chunkSizes: [] };
  const [statusLine = '', ...lines] = bytes.subarray(0, split).toString('latin1').split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const status = Number(statusLine.split(' ')[1]);
  let rest = bytes.subarray(split + 4);
  if (headers['transfer-encoding'] !== 'chunked')
    return { status, headers, body: rest, chunkSizes: [] };
  const parts: Buffer[] = [];
  const chunkSizes: number[] = [];
  for (;;) {
    const lineEnd = rest.indexOf('\r\n');
    if (lineEnd < 0) break;
    const size = Number.parseInt(rest.subarray(0, lineEnd).toString('latin1'), 16);
    chunkSizes.push(size);
    if (size === 0) break;
    parts.push(rest.subarray(lineEnd + 2, lineEnd + 2 + size));
    rest = rest.subarray(lineEnd + 2 + size + 2);
  }
  return { status, headers, body: Buffer.concat(parts), chunkSizes };
}
