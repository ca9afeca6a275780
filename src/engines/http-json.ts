import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

export interface HttpReply {
  status: number;
  text: string;
}

export interface HttpAsk {
  method?: 'GET' | 'POST';
  body?: unknown;
  timeoutMs: number;
  signal?: AbortSignal;
}

/** An answer without an end would fill the memory before its time is up. */
const maxBytes = 64 * 1024 * 1024;

/**
 * One plain request to an engine: no proxy, no kept-alive connection, no redirects.
 * Rejects on network errors, timeouts and more than 64 MiB; an HTTP error status is a reply.
 */
export function askHttp(url: string, ask: HttpAsk): Promise<HttpReply> {
  return new Promise((resolve, reject) => {
    const body = ask.body === undefined ? undefined : JSON.stringify(ask.body);
    const request = url.startsWith('https:') ? httpsRequest : httpRequest;
    const outgoing = request(
      url,
      {
        method: ask.method ?? 'GET',
        agent: false,
        headers: {
          connection: 'close',
          ...(body === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
        },
        ...(ask.signal ? { signal: ask.signal } : {}),
      },
      (response) => {
        const read: Buffer[] = [];
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > maxBytes) {
            reject(new Error(`the answer has no end: over ${maxBytes >> 20} MiB of it`));
            outgoing.destroy();
          } else read.push(chunk);
        });
        response.on('end', () => {
          clearTimeout(timer);
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(read).toString('utf8') });
        });
        response.on('error', reject);
        response.on('close', () => clearTimeout(timer));
      },
    );
    // Total limit: a server that trickles bytes must not stretch it.
    const timer = setTimeout(
      () => outgoing.destroy(new Error(`no answer within ${Math.round(ask.timeoutMs)} ms`)),
      ask.timeoutMs,
    );
    outgoing.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    outgoing.end(body);
  });
}

/** The reply's JSON, or null when it is not a 200 with JSON in it. */
export function jsonOf(reply: HttpReply): unknown {
  if (reply.status !== 200) return null;
  try {
    return JSON.parse(reply.text);
  } catch {
    return null;
  }
}
