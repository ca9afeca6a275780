import { sleepMs } from '../../core/index.ts';
import { heldOpenFields } from '../length-facts.ts';
import { count, type Finding } from '../per-api.ts';
import type { Probe, ProbeContext } from '../probe.ts';

const lookEveryMs = 50;

/** What happens to requests above those that are served at once. */
export const queueProbe: Probe = {
  id: 'queue',
  rows: [
    {
      id: 'queue.above-slots',
      title: 'Requests above its slots wait',
      asked: 'more requests at once than it serves at once',
      means: {
        yes: 'Overload shows as TTFT; find the knee before reading latencies.',
        no: 'Overload shows as refused requests: read latencies together with the error share.',
      },
    },
  ],
  async run(context, report) {
    report('queue.above-slots', ...(await findQueue(context)));
  },
};

async function findQueue(context: ProbeContext): Promise<Finding> {
  const { slots, sizes } = context;
  const extra = Math.max(2, Math.min(slots ?? 4, 4));
  const asked = slots === null ? sizes.parallel : slots + extra;
  if (asked > sizes.parallel * 4) {
    return ['unknown', `${slots} slots: more than are filled here`];
  }
  const held = await heldOpenFields(context, sizes.tokens);
  const ended = new AbortController();
  const mostWaiting = watchWaiting(context, ended.signal);
  const generations = await Promise.all(
    Array.from({ length: asked }, () =>
      context.generate({ prompt: `${context.freshWords(6)}.`, fields: held }),
    ),
  );
  ended.abort();
  const waited = await mostWaiting;
  const ok = generations.filter(({ failed }) => failed === null).length;
  const refused = generations.filter(
    ({ exchange: { status } }) => status === 429 || status === 503,
  );
  const after = refused.some(({ exchange }) => exchange.headers['retry-after'] !== undefined);
  const of = `${asked} at once${slots === null ? '' : ` over ${count(slots, 'slot')}`}`;
  const seen = waited === null || waited === 0 ? '' : `, up to ${waited} waiting by its metrics`;
  if (refused.length > 0) {
    const codes = [...new Set(refused.map(({ exchange }) => exchange.status))].join(', ');
    return [
      'no',
      `${ok} of ${of} answered, ${refused.length} refused with ${codes}${after ? ' and Retry-After' : ', no Retry-After'}`,
    ];
  }
  if (ok < asked) {
    const why = generations.find(({ failed }) => failed !== null)?.failed ?? '';
    if (context.signal.aborted) return ['unknown', 'interrupted'];
    return ['error', `${ok} of ${of} answered; else ${why}`];
  }
  if (slots === null && (waited ?? 0) === 0) {
    return ['unknown', `${ok} of ${of} answered, but how many it serves at once is not told`];
  }
  return ['yes', `${ok} of ${of} answered${seen}`];
}

/** The most requests that the engine's metrics told as waiting; null = they tell none. */
async function watchWaiting(context: ProbeContext, ended: AbortSignal): Promise<number | null> {
  let most: number | null = null;
  while (!ended.aborted && !context.signal.aborted) {
    const waiting = (await context.readEngine())?.waiting ?? null;
    if (waiting === null) return most;
    most = Math.max(most ?? 0, waiting);
    await sleepMs(context.clock, lookEveryMs, ended).catch(() => {});
  }
  return most;
}
