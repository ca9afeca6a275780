import { describe, it } from 'vitest';
import { createSender, urlsOf } from '../client/index.ts';
import { senderCases } from './sender-cases.ts';
import type { SenderFactory } from './sender-rig.ts';

const factories: [string, SenderFactory][] = [
  ['raw', (target, clock) => createSender(target, { clock }, 'raw')],
  ['undici', (target, clock) => createSender(target, { clock }, 'undici')],
  [
    'balanced',
    (target, clock) => {
      const known = urlsOf(target);
      // Twice the one server; a cap of one connection cannot be shared.
      const isShared = known.length === 1 && target.connections !== 1;
      const balance = isShared ? 'least-outstanding' : target.balance;
      const urls = isShared ? [...known, ...known] : known;
      return createSender({ ...target, urls, balance }, { clock });
    },
  ],
];

describe.each(factories)('the %s sender', (_name, create) => {
  it.each(senderCases)('$name', ({ run }) => run(create));
});
