import { BenchError, type Clock } from '../core/index.ts';
import type { Sender } from '../model/index.ts';
import { createBalancedSender } from './balanced-sender.ts';
import { addressOf, type ClientTarget, singleTargetsOf } from './client-target.ts';
import { createRawSender, findBadHeader } from './raw/index.ts';
import { createUndiciSender } from './undici-sender.ts';

/** Which path the bytes take; `auto` chooses by the target. */
export type Transport = 'auto' | 'raw' | 'undici';

/**
 * Opens the way to a target. `auto` takes own sockets (`raw`) for plain http, undici for https, for
 * a proxy, and for targets whose headers meddle with the framing of requests;
 * `Sender.transport` tells which. Several URLs share the load and the cap of connections.
 * @throws BenchError `USAGE_ENDPOINT` when a URL is not one that the transport speaks, or there are
 * fewer connections than URLs.
 */
export function createSender(
  target: ClientTarget,
  deps: { clock: Clock },
  transport: Transport = 'auto',
): Sender {
  const targets = singleTargetsOf(target);
  const only = targets.length === 1 ? targets[0] : undefined;
  if (only !== undefined) return createOne(only, deps, transport);
  const most = target.connections;
  if (most !== null && most < targets.length) {
    throw new BenchError(
      'USAGE_ENDPOINT',
      `${most} connections cannot be shared by ${targets.length} URLs.`,
      { hint: 'Allow at least one connection per URL, or give fewer URLs.' },
    );
  }
  const senders = targets.map((one, i) => {
    const connections = most === null ? null : Math.ceil((most - i) / targets.length);
    return createOne({ ...one, connections }, deps, transport);
  });
  return createBalancedSender(senders, target.balance);
}

function createOne(target: ClientTarget, deps: { clock: Clock }, transport: Transport): Sender {
  const isRaw = transport === 'raw' || (transport === 'auto' && mayBeRaw(target));
  return isRaw ? createRawSender(target, deps) : createUndiciSender(target, deps);
}

function mayBeRaw(target: ClientTarget): boolean {
  const isPlain = addressOf(target).origin.startsWith('http://');
  return isPlain && target.proxy === null && findBadHeader(target) === null;
}
