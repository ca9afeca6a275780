import type { PlannedRequest, RequestRecord, SendContext, Sender } from '../model/index.ts';
import type { ClientTarget } from './client-target.ts';

/** A sender that may also be given requests ahead of their send. */
export interface PreparingSender extends Sender {
  prepareRequest?(
    request: PlannedRequest,
    context: Pick<SendContext, 'requestId' | 'promptText' | 'body'>,
  ): void;
}

/**
 * Shares the load out over senders, one per URL; records say which in `targetIndex`.
 *
 * round-robin: every n requests in the order of the plan go to all n URLs, one each, whenever and
 * on whichever thread they are sent; see `roundRobinIndex`. least-outstanding: to the URL with the
 * fewest requests in flight of this sender, the first of equals.
 */
export function createBalancedSender(
  senders: readonly PreparingSender[],
  balance: ClientTarget['balance'],
): PreparingSender {
  const inFlight = senders.map(() => 0);
  const isPlanned = balance === 'round-robin';

  function choose(request: PlannedRequest): number {
    if (isPlanned) return roundRobinIndex(request.index, senders.length);
    return inFlight.indexOf(Math.min(...inFlight));
  }

  const at = (index: number) => senders[index] as PreparingSender;

  return {
    transport: [...new Set(senders.map((sender) => sender.transport))].join('+'),
    async send(request, context): Promise<RequestRecord> {
      const index = choose(request);
      inFlight[index] = (inFlight[index] ?? 0) + 1;
      try {
        const record = await at(index).send(request, context);
        record.targetIndex = index;
        return record;
      } finally {
        inFlight[index] = (inFlight[index] ?? 0) - 1;
      }
    },
    prepareRequest(request, context) {
      // Where the place is not known before the send, the bytes are made then.
      if (isPlanned) at(choose(request)).prepareRequest?.(request, context);
    },
    async prepare(count) {
      const spare = isPlanned ? spareOf(count, senders.length) : 0;
      const shareOf = (i: number) => Math.ceil((count - i) / senders.length) + spare;
      await Promise.all(
        senders.map(async (sender, i) => sender.prepare?.(Math.max(0, shareOf(i)))),
      );
    },
    async close() {
      await Promise.all(senders.map((sender) => sender.close()));
    },
  };
}

/**
 * Each round of so many requests goes to all URLs in turn, beginning at one that a hash of the
 * round's number draws. With `index mod urls` a thread that takes every second request would send
 * all of its load to one of two URLs.
 */
export function roundRobinIndex(index: number, urls: number): number {
  return (index + mix(Math.floor(index / urls))) % urls;
}

/** MurmurHash3's finalizer: 32 bits in, 32 well-mixed bits out; 0 stays 0. */
function mix(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/**
 * Requests end in another order than they began: of `count` in flight a URL may have more than its
 * share, by two standard deviations of the binomial at most times.
 */
function spareOf(count: number, urls: number): number {
  const p = 1 / urls;
  return Math.ceil(2 * Math.sqrt(count * p * (1 - p)));
}
