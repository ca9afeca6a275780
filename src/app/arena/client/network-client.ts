import { spawn } from 'node:child_process';
import { execPath } from 'node:process';
import { createInterface } from 'node:readline';
import type { Answer } from '../../../arena/index.ts';
import { BenchError, nodeProgram } from '../../../core/index.ts';
import type { EngineContext } from '../../../engines/index.ts';
import type { Sandboxed } from '../../../sandbox/index.ts';
import type { LoadClient } from './load-client.ts';
import type { ClientReply, ClientRequest, ClientValue } from './protocol.ts';

type Asked = ClientRequest extends infer Request
  ? Request extends { id: number }
    ? Omit<Request, 'id'>
    : never
  : never;

/**
 * Starts a client as a process of its own, where it reaches the server: in a sandbox's network it
 * shares the loopback with the server, and nothing else. Aborting `ctx.signal` ends it.
 *
 * @param inNetwork makes a command one in the server's network
 * @param cpus that it runs on, as taskset lists them; null = any
 */
export function openNetworkClient(
  ctx: EngineContext,
  { inNetwork, cpus }: { inNetwork: Sandboxed['inNetwork']; cpus: string | null },
): LoadClient {
  const [program = '', ...args] = [
    ...(cpus === null ? [] : ['taskset', '--cpu-list', cpus]),
    ...inNetwork([execPath, ...nodeProgram('app/arena/client/client-main')]),
  ];
  const child = spawn(program, args, { env: { ...ctx.env }, stdio: ['pipe', 'pipe', 'pipe'] });
  const waiting = new Map<number, { done(value: ClientValue): void; fail(error: Error): void }>();
  let said = '';
  let next = 0;
  /** Why it has ended; null while it has not. */
  let ended: string | null = null;
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-2_000);
  });
  child.stdin.on('error', () => {});
  createInterface({ input: child.stdout }).on('line', (line) => {
    const reply = JSON.parse(line) as ClientReply;
    const one = waiting.get(reply.id);
    waiting.delete(reply.id);
    if ('value' in reply) return one?.done(reply.value);
    const { code, message, hint } = reply.error;
    const error = new BenchError(code ?? 'CLIENT_FAILED', message, hint === null ? {} : { hint });
    one?.fail(error);
  });
  const closed = new Promise<void>((resolve) => {
    const end = (why: string) => {
      ended = why;
      for (const { fail } of waiting.values()) fail(new BenchError('CLIENT_FAILED', why));
      waiting.clear();
      resolve();
    };
    child.once('error', (error) => end(`The load client cannot be started: ${error.message}.`));
    child.once('close', () => end(`The load client ended. ${said.trim()}`.trim()));
  });
  const onAbort = () => child.kill('SIGKILL');
  ctx.signal?.addEventListener('abort', onAbort, { once: true });
  const ask = async (asked: Asked): Promise<ClientValue> => {
    ctx.signal?.throwIfAborted();
    // Nobody would answer, and with nothing left to wait for, Node would end in the middle.
    if (ended !== null) throw new BenchError('CLIENT_FAILED', ended);
    const id = next++;
    try {
      return await new Promise<ClientValue>((done, fail) => {
        waiting.set(id, { done, fail });
        child.stdin.write(`${JSON.stringify({ ...asked, id })}\n`);
      });
    } catch (error) {
      ctx.signal?.throwIfAborted();
      throw error;
    }
  };
  return {
    ready: async (readiness) => (await ask({ want: 'ready', readiness })) as number,
    send: async (target, traffic) => (await ask({ want: 'send', target, traffic })) as Answer[],
    isPortFree: async (host, port) => (await ask({ want: 'port', host, port })) as boolean,
    async close() {
      ctx.signal?.removeEventListener('abort', onAbort);
      child.stdin.end();
      child.kill('SIGKILL');
      await closed;
    },
  };
}
