import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createElementSplitter } from './element-splitter.ts';

/** The elements of a file that comes in pieces of these sizes, over and over. */
function split(text: string | Uint8Array, sizes: readonly number[]) {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  const splitter = createElementSplitter();
  const texts: string[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = Math.max(1, sizes[i % sizes.length] ?? 1);
    texts.push(...splitter.push(bytes.subarray(at, at + size)));
    at += size;
  }
  return { texts, splitter };
}

const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
const arrays = fc.array(fc.jsonValue({ maxDepth: 3 }), { maxLength: 6 });
const indents = fc.constantFrom(undefined, 1, '\t');

describe('createElementSplitter', () => {
  it('cuts any array, in any pieces, into the elements of JSON.parse', () => {
    fc.assert(
      fc.property(arrays, sizes, indents, (array, pieces, indent) => {
        const { texts, splitter } = split(
          `\ufeff ${JSON.stringify(array, null, indent)}\n`,
          pieces,
        );
        expect(texts.map((text) => JSON.parse(text) as unknown)).toEqual(
          JSON.parse(JSON.stringify(array)),
        );
        expect(splitter.complete).toBe(true);
      }),
    );
  });

  it('gives the whole elements of a file that is cut off anywhere', () => {
    fc.assert(
      fc.property(
        arrays,
        sizes,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (array, pieces, share) => {
          const whole = Buffer.from(JSON.stringify(array));
          const cut = whole.subarray(0, Math.floor(share * (whole.length - 1)));
          const { texts, splitter } = split(cut, pieces);
          const elements = JSON.parse(whole.toString()) as unknown[];
          const read = texts.map((text) => JSON.parse(text) as unknown);
          expect(read).toEqual(elements.slice(0, read.length));
          expect(splitter.complete).toBe(false);
          const open = elements[read.length];
          // An object or array is given at its bracket, so only an unfinished one is missing.
          if (typeof open === 'object' && open !== null) {
            expect(cut.length).toBeLessThan(
              JSON.stringify(elements.slice(0, read.length + 1)).length - 1,
            );
          }
        },
      ),
    );
  });

  it('of any bytes makes elements or a SyntaxError, nothing else', () => {
    const marks = fc.constantFrom(...Buffer.from('[]{},:"\\ \n1ae'));
    const noise = fc.array(fc.oneof(marks, fc.integer({ min: 0, max: 255 })), { maxLength: 60 });
    fc.assert(
      fc.property(noise, sizes, (bytes, pieces) => {
        try {
          split(Uint8Array.from([0x5b, ...bytes]), pieces);
        } catch (error) {
          // TypeError: what a TextDecoder says to bytes that are not UTF-8.
          expect(error instanceof SyntaxError || error instanceof TypeError).toBe(true);
        }
      }),
    );
  });

  it.each([
    ['{"a":1}', 'no array at byte 0'],
    ['[1]x', 'text behind the array at byte 3'],
    ['[1,,2]', 'no value at byte 3'],
    ['[1,]', 'no value at byte 3'],
    ['[{} {}]', 'no comma between two values at byte 4'],
  ])('refuses %s', (text, message) => {
    expect(() => split(text, [3])).toThrowError(new SyntaxError(message));
  });

  it('says where the last element ended', () => {
    const { splitter } = split('[{"a":"ä"}, {"b', [4]);
    expect(splitter.elementEnd).toBe(Buffer.byteLength('[{"a":"ä"}'));
  });
});
