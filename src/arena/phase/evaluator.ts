import { chmod } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { messageOf } from '../../core/index.ts';

/** What an agent may ask for. */
export const wants = ['quick', 'full', 'snapshot'] as const;
export type Want = (typeof wants)[number];

/** The evaluator's answer, as the agent sees it. */
export interface Evaluation {
  /** It passed what was looked at. */
  ok: boolean;
  outcome: string | null;
  /** As a judge would score it, from fewer requests; null = not known. */
  score: number | null;
  /** Why it was not done at all; null = it was. */
  refused: string | null;
  /** For people. */
  text: string;
}

export interface Evaluator {
  close(): Promise<void>;
}

const socketName = 'evaluator.sock';
const mostRequestBytes = 1_000;
const mostWaiting = 4;

/**
 * Listens on a Unix socket for requests of the agent, a line of JSON each (`{"want": "quick"}`), and
 * answers with lines of JSON. One at a time; further ones wait, up to a few. Whatever is sent there
 * is only a word: what is evaluated is taken from the workspace.
 */
export async function openEvaluator(
  folder: string,
  evaluate: (want: Want, say: (text: string) => void) => Promise<Evaluation>,
): Promise<Evaluator> {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  const sockets = new Set<Socket>();
  const answer = async (socket: Socket, line: string) => {
    const send = (message: object) => {
      if (!socket.destroyed) socket.write(`${JSON.stringify(message)}\n`);
    };
    const refuse = (refused: string) =>
      send({ result: { ok: false, outcome: null, score: null, refused, text: '' } });
    const want = wantOf(line);
    if (want === null) return refuse(`unknown request: ask for ${wants.join(', ')}`);
    if (waiting >= mostWaiting) return refuse(`${waiting} evaluations are waiting already`);
    waiting++;
    const turn = last.then(() => {
      // Nobody waits for it any more.
      if (socket.destroyed) return null;
      return evaluate(want, (say) => send({ say }));
    });
    last = turn.catch(() => {});
    try {
      const result = await turn;
      if (result !== null) send({ result });
    } catch (error) {
      refuse(`the evaluator failed: ${messageOf(error)}`);
    } finally {
      waiting--;
    }
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    readLine(socket).then(
      async (line) => {
        await answer(socket, line);
        socket.end();
      },
      () => socket.destroy(),
    );
  });
  const path = join(folder, socketName);
  await listen(server, path);
  // Inside, the agent is another user.
  await chmod(path, 0o666);
  return {
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await last;
    },
  };
}

function wantOf(line: string): Want | null {
  try {
    const { want } = JSON.parse(line) as { want?: unknown };
    return wants.find((one) => one === want) ?? null;
  } catch {
    return null;
  }
}

function readLine(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const take = (piece: string) => {
      text += piece;
      const end = text.indexOf('\n');
      if (end < 0 && text.length <= mostRequestBytes) return;
      // What follows is read and dropped: an agent could fill the memory with it.
      socket.off('data', take).resume();
      if (end >= 0) resolve(text.slice(0, end));
      else reject(new Error('too long'));
    };
    socket.setEncoding('utf8').on('data', take);
    socket.on('end', () => reject(new Error('ended')));
    socket.on('close', () => reject(new Error('closed')));
  });
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
}
