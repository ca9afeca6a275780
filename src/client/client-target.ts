import { BenchError, redactText } from '../core/index.ts';

/** Where requests go and what they look like; everything the sender needs to know of a server. */
export interface ClientTarget {
  /** Base URL, including `/v1`; a trailing slash is tolerated. */
  url: string;
  /** All base URLs that share the load, `url` first; empty: `url` alone. */
  urls: readonly string[];
  /** Which of several URLs a request goes to; see `createBalancedSender`. */
  balance: 'round-robin' | 'least-outstanding';
  api: 'chat' | 'completions';
  model: string;
  /**
   * Extra headers, the authorization among them. `{requestId}` and `{index}` in a value stand for
   * the request's id and its number within the level.
   */
  headers: Readonly<Record<string, string>>;
  /** Merged into the body last, `stream_options` one level deep. */
  extraBody: Readonly<Record<string, unknown>>;
  temperature: number;
  ignoreEos: boolean;
  /** Ask for `stream_options.include_usage`. */
  includeUsage: boolean;
  /** Ask for `stream_options.continuous_usage_stats`. */
  continuousUsage: boolean;
  /** Fields the server rejected: `ignore_eos`, `stream_options.continuous_usage_stats`, ... */
  droppedFields: readonly string[];
  /** Accept any TLS certificate. */
  insecureTls: boolean;
  /** Offer HTTP/2 to an https server; one request per connection all the same. */
  http2: boolean;
  /**
   * http proxy that every connection goes through, by CONNECT; null = none, whatever the
   * environment says (`proxyFromEnv` reads it).
   */
  proxy: string | null;
  timeouts: ClientTimeouts;
  /** never: each request opens a connection of its own and asks the server to close it. */
  connectionReuse: 'pooled' | 'never';
  /** Most connections at once; null = as many as there are requests in flight. */
  connections: number | null;
}

/** How a server is asked where nothing is known of it and nothing was asked for. */
export const defaultTarget: Omit<ClientTarget, 'url' | 'model'> = {
  urls: [],
  balance: 'round-robin',
  api: 'completions',
  headers: {},
  extraBody: {},
  temperature: 0,
  ignoreEos: true,
  includeUsage: true,
  continuousUsage: false,
  droppedFields: [],
  insecureTls: false,
  http2: false,
  proxy: null,
  timeouts: { connectMs: 10_000, firstTokenMs: null, totalMs: 60_000 },
  connectionReuse: 'pooled',
  connections: null,
};

/** Milliseconds. */
export interface ClientTimeouts {
  /** TCP and TLS together. */
  connectMs: number;
  /** From the actual send to the first token; null = only the total counts. */
  firstTokenMs: number | null;
  /** From the call of `send` to the end of the response. */
  totalMs: number;
}

/** Base URLs of a target, in the order that `RequestRecord.targetIndex` counts; at least one. */
export function urlsOf(target: Pick<ClientTarget, 'url' | 'urls'>): readonly string[] {
  return target.urls.length === 0 ? [target.url] : target.urls;
}

/** The same target once for each of its URLs, for what has to be asked of each server. */
export function singleTargetsOf<T extends Pick<ClientTarget, 'url' | 'urls'>>(target: T): T[] {
  return urlsOf(target).map((url) => ({ ...target, url, urls: [] }));
}

/** The target's addresses, cut the way an HTTP client needs them. */
export interface TargetAddress {
  /** `http://host:port`. */
  origin: string;
  /** Path of the base URL without a trailing slash: `/v1`. */
  basePath: string;
  /** Path that generates: `/v1/chat/completions`. */
  generatePath: string;
}

/** @throws BenchError `USAGE_ENDPOINT` when the URL is not one of http or https. */
export function addressOf(target: Pick<ClientTarget, 'url' | 'api'>): TargetAddress {
  const url = URL.canParse(target.url) ? new URL(target.url) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new BenchError('USAGE_ENDPOINT', `"${redactText(target.url)}" is not an http(s) URL.`, {
      hint: 'Give the base URL of the API, for example http://127.0.0.1:8000/v1.',
    });
  }
  const basePath = url.pathname.replace(/\/+$/, '');
  const tail = target.api === 'chat' ? '/chat/completions' : '/completions';
  return { origin: url.origin, basePath, generatePath: `${basePath}${tail}${url.search}` };
}

/** Headers of every request, lower case; the target's own win over the defaults. */
export function headersOf(target: Pick<ClientTarget, 'url' | 'headers'>): Record<string, string> {
  const url = new URL(target.url);
  const headers: Record<string, string> = {
    accept: 'text/event-stream',
    // Bytes have to arrive as the server writes them: a compressor would batch tokens.
    'accept-encoding': 'identity',
    'content-type': 'application/json',
    'user-agent': 'inferencebench',
  };
  if (url.username !== '') {
    const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    headers['authorization'] = `Basic ${Buffer.from(pair).toString('base64')}`;
  }
  for (const [name, value] of Object.entries(target.headers)) headers[name.toLowerCase()] = value;
  return headers;
}

const secretHeader = /^(authorization|proxy-authorization|cookie)$|key|token|secret/i;

/** Every string that must not reach a record, a log or a file. */
export function secretsOf(
  target: Pick<ClientTarget, 'url' | 'headers'> & Partial<Pick<ClientTarget, 'proxy'>>,
): string[] {
  const secrets = Object.entries(headersOf(target))
    .filter(([name]) => secretHeader.test(name))
    .flatMap(([, value]) => [value, value.replace(/^\w+\s+/, '')]);
  for (const url of [target.url, target.proxy ?? '']) {
    const password = URL.canParse(url) ? new URL(url).password : '';
    if (password !== '') secrets.push(decodeURIComponent(password), password);
  }
  // Longest first, or the tail of a long secret would survive the removal of a short one.
  return [...new Set(secrets)].sort((x, y) => y.length - x.length);
}
