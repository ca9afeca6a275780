import type { Answer, Traffic } from '../../../arena/index.ts';
import { type EngineContext, isPortFree, waitUntilReady } from '../../../engines/index.ts';
import { type AskTarget, sendTraffic } from '../judge/ask-server.ts';

/** The client of every measurement, where a server can be reached. */
export interface LoadClient {
  /** @returns milliseconds since the server's start @throws BenchError ENGINE_NOT_READY */
  ready(readiness: AskedReadiness): Promise<number>;
  send(target: AskTarget, traffic: Traffic): Promise<Answer[]>;
  isPortFree(host: string, port: number): Promise<boolean>;
  close(): Promise<void>;
}

/** How to wait for a server. */
export interface AskedReadiness {
  host: string;
  port: number;
  model: string;
  /** How long it has been starting. */
  elapsedMs: number;
  timeoutMs: number;
}

/** In this process and its network. */
export function createLoadClient(ctx: EngineContext): LoadClient {
  const signal = ctx.signal ?? new AbortController().signal;
  return {
    async ready({ host, port, model, elapsedMs, timeoutMs }) {
      const { generationMs } = await waitUntilReady(ctx, {
        ...{ host, port, model, timeoutMs },
        rootUrl: `http://${host}:${port}`,
        startUs: ctx.clock.nowUs() - elapsedMs * 1000,
        healthPaths: ['/v1/models'],
        refusals: [401, 403],
        generation: 'chat-stream',
        // Whoever asks sees the end of the server.
        died: new Promise<never>(() => {}),
      });
      return generationMs;
    },
    send: (target, traffic) => sendTraffic(target, traffic, { clock: ctx.clock, signal }),
    isPortFree,
    close: async () => {},
  };
}
