import { describe, it } from 'vitest';
import { createSender } from '../client/index.ts';
import { senderCases } from './sender-cases.ts';
import type { SenderFactory } from './sender-rig.ts';

const factories: [string, SenderFactory][] = [
  ['raw', (target, clock) => createSender(target, { clock }, 'raw')],
  ['undici', (target, clock) => createSender(target, { clock }, 'undici')],
];

describe.each(factories)('the %s sender', (_name, create) => {
  it.each(senderCases)('$name', ({ run }) => run(create));
});
