import { connect } from 'node:net';
import { BenchError, messageOf, redactText, sleepMs } from '../core/index.ts';
import type { EngineContext } from './context.ts';
import { throwIfAborted } from './context.ts';
import { askHttp, type HttpReply, jsonOf } from './http-json.ts';

/** When each stage was reached, milliseconds since the start of the process. */
export interface ReadinessTimes {
  /** The port accepts connections. */
  tcpMs: number;
  /** `/health` or `/v1/models` says yes. */
  healthMs: number;
  /** One real generation has ended. */
  generationMs: number;
  /** Length of that generation, milliseconds: the first request's own time. */
  firstRequestMs: number;
}

export interface ReadinessOptions {
  host: string;
  port: number;
  /** Base without `/v1`. */
  rootUrl: string;
  model: string;
  /** On the context's clock, microseconds: the start of the process. */
  startUs: number;
  timeoutMs: number;
  /** Paths under the root that say "ready" with 200, in order of preference. */
  healthPaths: readonly string[];
  /** Status codes that no waiting mends. Absent: none. */
  refusals?: readonly number[];
  /**
   * What the generation may come from. `any`: `/v1/completions`, or chat where there is no such page.
   * `chat-stream`: `/v1/chat/completions` asked for a stream, and nothing else. Absent: `any`.
   */
  generation?: 'any' | 'chat-stream';
  /** Rejects when the process ends first; the error is passed on. */
  died: Promise<never>;
}

/** An answer that waiting does not change. */
class Refused extends Error {}

type Stage = 'tcp' | 'health' | 'generation';

/**
 * Waits until an engine really serves: a listening port is not a loaded model, and a healthy
 * one may still fail its first request.
 * @throws BenchError `ENGINE_NOT_READY` that names the stage; whatever `died` rejects with.
 */
export async function waitUntilReady(
  ctx: EngineContext,
  options: ReadinessOptions,
): Promise<ReadinessTimes> {
  const elapsedMs = () => (ctx.clock.nowUs() - options.startUs) / 1000;
  const leftMs = () => options.timeoutMs - elapsedMs();
  const over = new AbortController();
  const reach = async (stage: Stage, attempt: () => Promise<string | null>): Promise<number> => {
    let last: string | null = null;
    while (!over.signal.aborted) {
      throwIfAborted(ctx);
      if (leftMs() <= 0) break;
      const problem = await attempt().catch((error: unknown) => {
        if (error instanceof Refused) throw refused(stage, options, error.message);
        return messageOf(error);
      });
      if (problem === null) return elapsedMs();
      // An attempt that the time cut off says less than the one before it.
      if (last === null || leftMs() > 0) last = problem;
      await sleepMs(ctx.clock, 25, ctx.signal);
    }
    const listed = stage === 'generation' ? await listedInstead(options) : '';
    throw notReady(stage, options, `${last ?? 'nothing yet'}${listed}`);
  };
  const stages = async (): Promise<ReadinessTimes> => {
    const tcpMs = await reach('tcp', () => tryConnect(options.host, options.port));
    const healthMs = await reach('health', () => tryHealth(options, leftMs()));
    const generationMs = await reach('generation', () => tryGenerate(options, leftMs()));
    return { tcpMs, healthMs, generationMs, firstRequestMs: generationMs - healthMs };
  };
  try {
    return await Promise.race([stages(), options.died]);
  } finally {
    over.abort();
  }
}

/** null = yes; else what came instead. */
function tryConnect(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2_000 });
    const done = (problem: string | null) => {
      socket.destroy();
      resolve(problem);
    };
    socket.once('connect', () => done(null));
    socket.once('timeout', () => done('no answer to a connection attempt'));
    socket.once('error', (error) => done(error.message));
  });
}

async function tryHealth(options: ReadinessOptions, leftMs: number): Promise<string | null> {
  let problem = 'no health path';
  for (const path of options.healthPaths) {
    const timeoutMs = Math.max(1, Math.min(5_000, leftMs));
    const reply = await askHttp(options.rootUrl + path, { timeoutMs });
    if (reply.status === 200) return null;
    problem = `GET ${path}: HTTP ${reply.status}`;
    if (options.refusals?.includes(reply.status)) throw new Refused(problem);
    // Only "no such page" sends us to the next path; 503 means that it is loading.
    if (reply.status !== 404) return problem;
  }
  return problem;
}

async function tryGenerate(options: ReadinessOptions, leftMs: number): Promise<string | null> {
  const timeoutMs = Math.max(1, leftMs);
  const common = { model: options.model, max_tokens: 2, temperature: 0 };
  const messages = [{ role: 'user', content: 'Ready?' }];
  const chat = { path: '/v1/chat/completions', body: { ...common, messages } };
  const asks =
    options.generation === 'chat-stream'
      ? [{ ...chat, body: { ...chat.body, stream: true } }]
      : [{ path: '/v1/completions', body: { ...common, prompt: 'Ready?' } }, chat];
  let problem = '';
  for (const { path, body } of asks) {
    const reply = await askHttp(options.rootUrl + path, { method: 'POST', body, timeoutMs });
    if (hasChoice(reply)) return null;
    problem = `POST ${path}: HTTP ${reply.status} ${redactText(reply.text.slice(0, 300))}`;
    if (options.refusals?.includes(reply.status)) throw new Refused(problem);
    if (reply.status !== 404 && reply.status !== 405) return problem;
  }
  return problem;
}

/** In one piece, or in a chunk of a stream. */
function hasChoice(reply: HttpReply): boolean {
  const chunks = reply.text
    .split(/\r\n|\r|\n/)
    .flatMap((line) => /^data: ?(\{.*)$/.exec(line)?.[1] ?? []);
  return [reply.text, ...chunks].some((text) => {
    const choices = (jsonOf({ ...reply, text }) as { choices?: unknown } | null)?.choices;
    return Array.isArray(choices) && choices.length > 0;
  });
}

/** A server often knows the model by another name: what it lists, where that is not what was asked for. */
async function listedInstead(options: ReadinessOptions): Promise<string> {
  const reply = await askHttp(`${options.rootUrl}/v1/models`, { timeoutMs: 2_000 }).catch(
    () => null,
  );
  const data = reply === null ? null : (jsonOf(reply) as { data?: unknown } | null)?.data;
  const ids = (Array.isArray(data) ? data : []).flatMap((one) => {
    const id = (one as { id?: unknown } | null)?.id;
    return typeof id === 'string' ? [redactText(id.slice(0, 100))] : [];
  });
  if (ids.length === 0 || ids.includes(options.model)) return '';
  const more = ids.length > 5 ? ` and ${ids.length - 5} more` : '';
  return `; asked for "${options.model}", GET /v1/models lists ${ids
    .slice(0, 5)
    .map((id) => `"${id}"`)
    .join(', ')}${more}`;
}

function refused(stage: Stage, options: ReadinessOptions, what: string): BenchError {
  return new BenchError(
    'ENGINE_NOT_READY',
    `${options.rootUrl} refuses who asks, which no waiting mends: ${what}.`,
    {
      hint: 'Start the server without a key and without a list of who may ask.',
      details: { stage, last: what },
    },
  );
}

function notReady(stage: Stage, options: ReadinessOptions, last: string): BenchError {
  const waitedFor = {
    tcp: `${options.host}:${options.port} to accept connections`,
    health: `${options.rootUrl} to report that it is healthy`,
    generation: `${options.rootUrl} to answer one real generation`,
  }[stage];
  return new BenchError(
    'ENGINE_NOT_READY',
    `Waited ${(options.timeoutMs / 1000).toFixed(0)} s for ${waitedFor}; last seen: ${last}.`,
    {
      hint: 'Read the log; a large model on a slow disk may need a longer start-up timeout.',
      details: { stage, last },
    },
  );
}
