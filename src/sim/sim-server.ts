import { Buffer } from 'node:buffer';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { BenchError, type Clock, messageOf } from '../core/index.ts';
import { createEngineModel } from './engine-model.ts';
import { createFaultPlan, jsonReply, openAiError, shapeError } from './fault-plan.ts';
import { handleGeneration } from './generation.ts';
import { parseSimSpec } from './parse-sim-spec.ts';
import { createRateLimiter } from './rate-limiter.ts';
import { createRealAgenda, hrtimeUs } from './real-agenda.ts';
import { answerSideRoute } from './side-routes.ts';
import { type JsonBody, type SimContext, sendReply } from './sim-context.ts';
import type { SimSpecInput } from './sim-spec.ts';
import { createPrefixCache } from './sim-tokenizer.ts';
import { createTruthRecord, type TruthRecord } from './truth-log.ts';

export interface SimServerOptions {
  host?: string;
  /** 0 = any free one. */
  port?: number;
  /**
   * Stamps and schedule. Default: `hrtimeUs`, comparable between processes of one machine. Must be
   * a clock of real time.
   */
  clock?: Pick<Clock, 'nowUs' | 'wallMs'>;
  /** See `createRealAgenda`; 0 spares the CPU and costs about a millisecond of accuracy. */
  spinMs?: number;
}

export interface SimServer {
  /** `http://host:port`. */
  readonly url: string;
  /** `http://host:port/v1`, as `--endpoint` wants it. */
  readonly endpoint: string;
  readonly port: number;
  /** One record per generation request, in order of arrival; live. */
  readonly truth: readonly TruthRecord[];
  /** Generation requests received so far. */
  readonly requests: number;
  /** Requests that hold a slot and that wait for one. */
  load(): { running: number; waiting: number };
  /** Ends listener, connections and timers. */
  stop(): Promise<void>;
}

const generationPaths = new Set(['/v1/chat/completions', '/v1/completions']);
const maxBodyBytes = 256 * 1024 * 1024;

/**
 * The simulated server on a real socket. Token times are scheduled absolutely: the lateness of one
 * never moves the next. How late they are: see `createRealAgenda`; what really happened: `truth`.
 * @throws BenchError `USAGE_SIM_SPEC` for a bad spec, `PREREQ_SIM_LISTEN` when it cannot listen.
 */
export async function startSimServer(
  specInput: SimSpecInput = {},
  options: SimServerOptions = {},
): Promise<SimServer> {
  const spec = parseSimSpec(specInput);
  // The wall time is only the `created` label of replies: a fixed one keeps them reproducible.
  const clock = options.clock ?? { nowUs: hrtimeUs, wallMs: () => 1_700_000_000_000 };
  const agenda = createRealAgenda(
    clock,
    options.spinMs === undefined ? {} : { spinMs: options.spinMs },
  );
  const startUs = clock.nowUs();
  const context: SimContext = {
    spec,
    clock,
    agenda,
    engine: createEngineModel(spec, agenda),
    faults: createFaultPlan(spec, startUs),
    rateLimiter: createRateLimiter(spec),
    prefixCache: spec.prefixCache ? createPrefixCache(spec.prefixCache.blockTokens) : null,
    truth: [],
    startUs,
  };
  const sockets = new Set<Socket>();
  const host = options.host ?? '127.0.0.1';
  const refuseFrom = context.faults.refuseFrom ?? Number.POSITIVE_INFINITY;

  const stopListening = (): void => {
    if (server.listening) server.close();
  };
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 75_000 }, (req, res) => {
    const receivedUs = clock.nowUs();
    const path = (req.url ?? '/').split('?')[0] ?? '/';
    const exists = path.endsWith('/chat/completions')
      ? spec.routes.chat
      : path.endsWith('/completions') && spec.routes.completions;
    const isGeneration = req.method === 'POST' && generationPaths.has(path) && exists;
    let truth: TruthRecord | null = null;
    if (isGeneration) {
      const number = context.truth.length + 1;
      if (number >= refuseFrom) {
        req.socket.resetAndDestroy();
        return;
      }
      if (number + 1 >= refuseFrom) {
        res.setHeader('connection', 'close');
        stopListening();
      }
      const requestId = headerOf(req, 'x-request-id');
      truth = createTruthRecord(number, { requestId, path, receivedUs });
      context.truth.push(truth);
    }
    readBody(req, (text) => answer(req, res, path, truth, text));
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });

  const answer = (
    req: IncomingMessage,
    res: ServerResponse,
    path: string,
    truth: TruthRecord | null,
    text: string,
  ): void => {
    const refuse = (status: number, message: string): void => {
      if (truth) Object.assign(truth, { status, endUs: clock.nowUs(), outcome: 'refused' });
      const reply = jsonReply(status, openAiError(status, message));
      sendReply(res, shapeError(reply, spec.quirks.errorShape));
    };
    if (clock.nowUs() - startUs < spec.readyAfterMs * 1000) return refuse(503, 'Loading model');
    const isOpen = path === '/health' || path === '/_truth';
    if (
      spec.apiKey !== null &&
      !isOpen &&
      headerOf(req, 'authorization') !== `Bearer ${spec.apiKey}`
    )
      return refuse(401, 'Unauthorized');
    const { badJson } = spec.quirks;
    const parsed = text === '' ? {} : parseBody(text);
    if (parsed === null && badJson === 'crash') return refuse(500, 'Internal server error');
    if (parsed === null && badJson === 'refuse') {
      return refuse(400, 'The body is not a JSON object.');
    }
    const body = parsed ?? {
      prompt: 'x',
      messages: [{ content: 'x' }],
      max_tokens: 1,
      stream: true,
    };
    if (truth) handleGeneration(context, res, body, truth);
    else sendReply(res, answerSideRoute(context, req.method ?? 'GET', path, body));
  };

  await new Promise<void>((resolve, reject) => {
    const onError = (cause: unknown) =>
      reject(
        new BenchError(
          'PREREQ_SIM_LISTEN',
          `The simulated server cannot listen on ${host}:${options.port ?? 0}: ${messageOf(cause)}.`,
          { hint: 'Choose another port, or 0 for any free one.', cause },
        ),
      );
    server.once('error', onError);
    server.listen({ host, port: options.port ?? 0, backlog: 4096 }, () => {
      server.off('error', onError);
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo;
  if (refuseFrom <= 1) stopListening();
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

  return {
    url,
    endpoint: `${url}/v1`,
    port,
    truth: context.truth,
    get requests() {
      return context.truth.length;
    },
    load: () => ({ running: context.engine.running(), waiting: context.engine.waiting() }),
    stop() {
      agenda.close();
      const closed = server.listening
        ? new Promise<void>((resolve) => server.close(() => resolve()))
        : Promise.resolve();
      for (const socket of sockets) socket.destroy();
      return closed;
    },
  };
}

function headerOf(req: IncomingMessage, name: string): string | null {
  const value = req.headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}

/** Calls `then` with the whole body; never for a connection that breaks or a body beyond 256 MB. */
function readBody(req: IncomingMessage, then: (text: string) => void): void {
  const parts: Buffer[] = [];
  let bytes = 0;
  req.on('data', (part: Buffer) => {
    bytes += part.length;
    if (bytes > maxBodyBytes) req.destroy();
    else parts.push(part);
  });
  req.on('end', () => then(Buffer.concat(parts).toString('utf8')));
  req.on('error', () => {});
}

function parseBody(text: string): JsonBody | null {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' && !Array.isArray(value)
      ? (value as JsonBody)
      : null;
  } catch {
    return null;
  }
}
