import assert from 'node:assert/strict';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { type ClientTarget, defaultTarget } from '../client/index.ts';
import type { Clock } from '../core/index.ts';
import type { PlannedRequest, RequestRecord, Sender } from '../model/index.ts';
import { hrtimeUs } from '../sim/index.ts';
import type { Case } from './case.ts';

/** Makes a sender that is to be tested; `clock` must be its clock. */
export type SenderFactory = (target: ClientTarget, clock: Clock) => Sender;

/** A server that a case has started. */
export interface RigServer {
  /** Base URL, with `/v1`. */
  url: string;
  /** Connections so far. */
  connections: number;
}

export type RigHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  body: string,
) => unknown;

/** Where a request is to differ from the usual one. */
export interface RequestChanges {
  index?: number;
  requestId?: string;
  promptText?: string;
}

/** What the cases for senders work with; everything in it is closed behind the case. */
export interface SenderRig {
  serve(handler: RigHandler): Promise<RigServer>;
  /** Writes bytes as soon as a request has arrived. */
  serveRaw(answer: (socket: Socket) => void): Promise<RigServer>;
  listen(server: Server | ReturnType<typeof createTcpServer>): Promise<RigServer>;
  sender(url: string, changes?: Partial<ClientTarget>): Sender;
  send(sender: Sender, signal?: AbortSignal, changes?: RequestChanges): Promise<RequestRecord>;
  /** Serves one raw answer and sends one request to it. */
  exchange(answer: (socket: Socket) => void): Promise<RequestRecord>;
  onClose(cleanup: () => unknown): void;
}

const clock: Clock = {
  nowUs: hrtimeUs,
  wallMs: () => 0,
  sleepUntil: () => Promise.resolve(),
};

const planned: PlannedRequest = {
  index: 2,
  intendedUs: 0,
  inputTokens: 5,
  outputTokens: 2,
  prompt: { dataset: 'd', seed: 1, row: null },
};

/** A case whose `run` gets a rig of its own. */
export function senderCase(
  name: string,
  run: (rig: SenderRig) => Promise<void>,
): Case<SenderFactory> {
  return {
    name,
    async run(create) {
      const cleanups: (() => unknown)[] = [];
      try {
        await run(createRig(create, (cleanup) => cleanups.push(cleanup)));
      } finally {
        for (const cleanup of cleanups.reverse()) await cleanup();
      }
    },
  };
}

/**
 * A case that rests on pieces that arrive apart, or before a limit: on a busy machine they may not, so
 * it is tried again with ten times as much time before it has failed.
 * @param run `slower`: by how much its own times are to be longer
 */
export function pacedCase(
  name: string,
  run: (rig: SenderRig, slower: number) => Promise<void>,
): Case<SenderFactory> {
  const paced = (slower: number) => senderCase(name, (rig) => run(rig, slower));
  return {
    name,
    async run(create) {
      try {
        await paced(1).run(create);
      } catch (error) {
        if (!(error instanceof assert.AssertionError)) throw error;
        await paced(10).run(create);
      }
    },
  };
}

function createRig(create: SenderFactory, onClose: (cleanup: () => unknown) => void): SenderRig {
  function listen(server: Server | ReturnType<typeof createTcpServer>): Promise<RigServer> {
    const sockets = new Set<Socket>();
    const running = { url: '', connections: 0 };
    server.on('connection', (socket: Socket) => {
      running.connections++;
      sockets.add(socket);
      socket.on('error', () => undefined);
    });
    onClose(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return new Promise((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        running.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
        resolve(running);
      });
    });
  }

  function sender(url: string, changes: Partial<ClientTarget> = {}): Sender {
    const made = create(targetOf(url, changes), clock);
    onClose(() => made.close());
    return made;
  }

  function send(
    own: Sender,
    signal = new AbortController().signal,
    { index = planned.index, requestId = 'req-2', promptText = 'hello' }: RequestChanges = {},
  ): Promise<RequestRecord> {
    const nowUs = clock.nowUs();
    const request = { ...planned, index };
    return own.send(request, {
      level: 0,
      requestId,
      intendedUs: nowUs,
      counted: true,
      originUs: nowUs - 1000,
      promptText,
      signal,
    });
  }

  const serveRaw = (answer: (socket: Socket) => void) =>
    listen(createTcpServer((socket) => socket.once('data', () => answer(socket))));

  return {
    listen,
    sender,
    send,
    onClose,
    serveRaw,
    serve: (handler) =>
      listen(
        createHttpServer((request, response) => {
          let body = '';
          request.setEncoding('utf8').on('data', (part: string) => {
            body += part;
          });
          request.on('end', () => void handler(request, response, body));
        }),
      ),
    async exchange(answer) {
      const { url } = await serveRaw(answer);
      return send(sender(url));
    },
  };
}

function targetOf(url: string, changes: Partial<ClientTarget>): ClientTarget {
  return {
    ...defaultTarget,
    url,
    api: 'chat',
    model: 'm',
    headers: { Authorization: 'Bearer key-123456' },
    ...changes,
    timeouts: { connectMs: 5000, firstTokenMs: 5000, totalMs: 10_000, ...changes.timeouts },
  };
}

/** Compares the fields that `expected` names. */
export function assertHas<T extends object>(actual: T, expected: Partial<T>): void {
  const keys = Object.keys(expected) as (keyof T)[];
  assert.deepEqual(Object.fromEntries(keys.map((key) => [key, actual[key]])), expected);
}

export const event = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
export const say = (content: string) => event({ choices: [{ index: 0, delta: { content } }] });
export const role = event({ choices: [{ index: 0, delta: { role: 'assistant', content: '' } }] });
export const finish = event({ choices: [{ index: 0, delta: {}, finish_reason: 'length' }] });
export const total = event({ choices: [], usage: { prompt_tokens: 5, completion_tokens: 2 } });
export const done = 'data: [DONE]\n\n';
/** A whole reply of two tokens. */
export const answer = say('a') + say('b') + finish + total + done;

export const streamHead =
  'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n';
export const httpChunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
export const lastChunk = '0\r\n\r\n';

export const sseHeaders = { 'content-type': 'text/event-stream' };

export function stream(_request: unknown, response: ServerResponse): void {
  response.writeHead(200, sseHeaders);
  response.end(answer);
}
