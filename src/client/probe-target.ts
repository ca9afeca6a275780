import { type Clock, redactText } from '../core/index.ts';
import { askOnce } from './ask-once.ts';
import { isJsonObject } from './chunk-fields.ts';
import { addressOf, type ClientTarget, headersOf, secretsOf } from './client-target.ts';
import { codeOf, createConnectionPool, describeSocketError } from './connection-pool.ts';
import { messageOfBody, parseJson } from './server-message.ts';

/** What has to be known of a server to ask it something besides a generation. */
export type ProbeTarget = Pick<
  ClientTarget,
  'url' | 'api' | 'headers' | 'insecureTls' | 'http2' | 'proxy' | 'timeouts'
>;

/** A reply, or why there was none. `error` is redacted and null only for a JSON reply of 2xx. */
export interface ProbeReply {
  status: number | null;
  /** Parsed body; undefined when it is not JSON. */
  json: unknown;
  error: string | null;
}

/** A page as it came, or why it did not. `error` is redacted and null only for a reply of 2xx. */
export interface TextReply {
  text: string;
  error: string | null;
}

export interface TargetProbe {
  /** @param path from the origin: `/health`, `/v1/models`. */
  getJson(path: string): Promise<ProbeReply>;
  postJson(path: string, body: unknown): Promise<ProbeReply>;
  /** Any page, such as `/metrics`. */
  getText(path: string, timeoutMs: number): Promise<TextReply>;
  /** Ids that `GET {base}/models` lists, or why they cannot be had. */
  listModels(): Promise<ModelList>;
  close(): Promise<void>;
}

export type ModelList = { ids: string[]; reason: null } | { ids: null; reason: string };

/** Longest wait for any probe's reply, milliseconds; connecting has the target's own limit. */
const probeTimeoutMs = 30_000;

/** A server may close a connection that was idle just as a question leaves on it. */
const closedCodes = ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'];
const askAgain = 2;

/**
 * Small questions to a server over the same kind of connections; never throws. A question whose
 * connection is closed under it is asked again, twice at most: none of them changes anything there.
 */
export function createTargetProbe(target: ProbeTarget, deps: { clock: Clock }): TargetProbe {
  const pool = createConnectionPool({ ...target, connections: 8 }, deps.clock);
  const secrets = secretsOf(target);
  const headers = { ...headersOf(target), accept: 'application/json' };
  const anyText = { ...headersOf(target), accept: 'text/plain, */*;q=0.5' };

  async function ask(
    method: 'GET' | 'POST',
    path: string,
    body?: unknown,
    again = askAgain,
  ): Promise<ProbeReply> {
    try {
      const content = body === undefined ? null : JSON.stringify(body);
      const options = { method, path, headers, body: content };
      const { status, text } = await askOnce(pool, options, probeTimeoutMs);
      const json = parseJson(text);
      const good = status >= 200 && status < 300;
      const said = messageOfBody(text).slice(0, 300);
      const why = good ? (json === undefined ? 'not JSON' : null) : `HTTP ${status}`;
      const error =
        why === null ? null : redactText(said === '' ? why : `${why}: ${said}`, secrets);
      return { status, json, error };
    } catch (error) {
      if (again > 0 && closedCodes.includes(codeOf(error))) {
        return ask(method, path, body, again - 1);
      }
      const text = redactText(describeSocketError(error), secrets);
      return { status: null, json: undefined, error: text };
    }
  }

  return {
    getJson: (path) => ask('GET', path),
    postJson: (path, body) => ask('POST', path, body),
    async getText(path, timeoutMs) {
      const options = { method: 'GET' as const, path, headers: anyText, body: null };
      for (let again = askAgain; ; again--) {
        try {
          const { status, text } = await askOnce(pool, options, timeoutMs);
          const good = status >= 200 && status < 300;
          return { text, error: good ? null : `HTTP ${status}` };
        } catch (error) {
          if (again > 0 && closedCodes.includes(codeOf(error))) continue;
          return { text: '', error: redactText(describeSocketError(error), secrets) };
        }
      }
    },
    async listModels() {
      const reply = await ask('GET', `${addressOf(target).basePath}/models`);
      if (reply.error !== null) return { ids: null, reason: reply.error };
      const data = isJsonObject(reply.json) ? reply.json['data'] : undefined;
      if (!Array.isArray(data)) return { ids: null, reason: 'the reply holds no list "data"' };
      const ids = data.map((model: unknown) => (isJsonObject(model) ? model['id'] : undefined));
      return { ids: ids.filter((id) => typeof id === 'string'), reason: null };
    },
    close: () => pool.close(),
  };
}
