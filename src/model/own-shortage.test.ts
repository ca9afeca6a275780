import { describe, expect, it } from 'vitest';
import { isOwnShortage } from './own-shortage.ts';

describe('isOwnShortage', () => {
  it.each([
    ['connect EMFILE 127.0.0.1:80 - Local (undefined:undefined)', true],
    ['connect EADDRNOTAVAIL 10.0.0.1:80', true],
    ['connect ECONNREFUSED 127.0.0.1:80', false],
    [null, false],
  ])('%s: %s', (error, own) => {
    expect(isOwnShortage(error)).toBe(own);
  });
});
