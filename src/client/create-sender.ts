import type { Clock } from '../core/index.ts';
import type { Sender } from '../model/index.ts';
import { addressOf, type ClientTarget } from './client-target.ts';
import { createRawSender, findBadHeader } from './raw/index.ts';
import { createUndiciSender } from './undici-sender.ts';

/** Which path the bytes take; `auto` chooses by the target. */
export type Transport = 'auto' | 'raw' | 'undici';

/**
 * Opens the way to a target. `auto` takes own sockets (`raw`) for plain http, undici for https and
 * for targets whose headers meddle with the framing of requests; `Sender.transport` tells which.
 * @throws BenchError `USAGE_ENDPOINT` when the URL is not one that the transport speaks.
 */
export function createSender(
  target: ClientTarget,
  deps: { clock: Clock },
  transport: Transport = 'auto',
): Sender {
  const isRaw = transport === 'raw' || (transport === 'auto' && mayBeRaw(target));
  return isRaw ? createRawSender(target, deps) : createUndiciSender(target, deps);
}

function mayBeRaw(target: ClientTarget): boolean {
  return addressOf(target).origin.startsWith('http://') && findBadHeader(target) === null;
}
