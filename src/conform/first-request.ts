import { type ClientTarget, createSender, type Transport } from '../client/index.ts';
import type { Clock } from '../core/index.ts';
import type { RequestRecord, Sender } from '../model/index.ts';

/** How a server is asked before anything is measured. */
export interface FirstRequestDeps {
  clock: Clock;
  signal: AbortSignal;
  /** `raw` asks by that path, as some replies are understood by one alone. Absent: undici. */
  transport?: Transport;
  /** May throw, so that nothing is sent. */
  beforeSend?: () => void;
  afterSend?: (record: RequestRecord) => void;
}

/** One small generation of a few tokens, as a run would ask for it. */
export async function askFirst(
  target: ClientTarget,
  deps: FirstRequestDeps,
): Promise<RequestRecord> {
  const sender = openSender(target, deps);
  try {
    return await send(sender, deps);
  } finally {
    await sender.close();
  }
}

/**
 * Whether a second request, sent right behind the first, finds its connection gone; null when the
 * first did not succeed.
 */
export async function closesConnections(
  target: ClientTarget,
  deps: FirstRequestDeps,
): Promise<boolean | null> {
  const sender = openSender(target, deps);
  try {
    const first = await send(sender, deps);
    const second = await send(sender, deps);
    if (first.outcome !== 'ok') return null;
    return second.outcome === 'reset' || second.connectUs > 0;
  } finally {
    await sender.close();
  }
}

function openSender(target: ClientTarget, { clock, transport }: FirstRequestDeps): Sender {
  // Of several URLs only the first is asked here.
  const own = { ...target, urls: [] };
  return createSender(own, { clock }, transport === 'raw' ? 'raw' : 'undici');
}

let asked = 0;

async function send(sender: Sender, deps: FirstRequestDeps): Promise<RequestRecord> {
  const { clock, signal } = deps;
  deps.beforeSend?.();
  const nowUs = clock.nowUs();
  asked += 1;
  const record = await sender.send(
    {
      index: asked,
      intendedUs: null,
      inputTokens: 3,
      outputTokens: 4,
      prompt: { dataset: 'preflight', seed: 0, row: null },
    },
    {
      level: -1,
      requestId: `preflight-${asked}`,
      intendedUs: nowUs,
      counted: false,
      originUs: nowUs,
      promptText: 'Say hello.',
      signal,
    },
  );
  deps.afterSend?.(record);
  return record;
}
