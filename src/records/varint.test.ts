import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VarintReader, writeSigned, writeUnsigned } from './varint.ts';

describe('varints', () => {
  it('hold every whole number of their range', () => {
    const signed = fc.oneof(
      fc.integer(),
      fc.maxSafeInteger().map((n) => Math.trunc(n / 2)),
      fc.constantFrom(0, 63, 64, -64, -65, 2 ** 30, 2 ** 31, 2 ** 32, 2 ** 52 - 1, 1 - 2 ** 52),
    );
    fc.assert(
      fc.property(fc.array(signed), fc.array(fc.maxSafeNat()), (a, b) => {
        const bytes = new Uint8Array(8 * (a.length + b.length));
        let end = 0;
        for (const value of a) end = writeSigned(bytes, end, value);
        for (const value of b) end = writeUnsigned(bytes, end, value);
        const reader = new VarintReader(bytes, 0, end);
        expect(a.map(() => reader.signed())).toEqual(a.map((value) => value + 0));
        expect(b.map(() => reader.unsigned())).toEqual(b);
        expect(() => reader.unsigned()).toThrow(RangeError);
      }),
    );
  });

  it('spell as LEB128 does', () => {
    const bytes = new Uint8Array(8);
    // DWARF 5, 7.6: 624485 is e5 8e 26.
    expect(writeUnsigned(bytes, 0, 624485)).toBe(3);
    expect(Buffer.from(bytes.subarray(0, 3)).toString('hex')).toBe('e58e26');
  });
});
