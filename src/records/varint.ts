/**
 * LEB128 for whole numbers in [0, 2^53), and of their zigzag code (0, -1, 1, -2, ... become
 * 0, 1, 2, 3, ...) for signed ones in (-2^52, 2^52). Writers return the place behind the number;
 * the caller sees to it that 8 bytes are free.
 */
export function writeUnsigned(bytes: Uint8Array, at: number, value: number): number {
  let to = at;
  let rest = value;
  // Beyond 31 bits the bit operators would cut.
  while (rest >= 0x80000000) {
    bytes[to++] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
  }
  while (rest >= 128) {
    bytes[to++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  bytes[to++] = rest;
  return to;
}

export function writeSigned(bytes: Uint8Array, at: number, value: number): number {
  return writeUnsigned(bytes, at, value < 0 ? -2 * value - 1 : 2 * value);
}

/** Reads one number after the other. Throws RangeError past `end` and for values past 2^53. */
export class VarintReader {
  at: number;
  private readonly bytes: Uint8Array;
  private readonly end: number;

  constructor(bytes: Uint8Array, from = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = from;
    this.end = end;
  }

  unsigned(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      if (this.at >= this.end) throw new RangeError('varint past the end of the page');
      const byte = this.bytes[this.at++] as number;
      value += (byte & 127) * scale;
      if (byte < 128) break;
      scale *= 128;
    }
    if (!Number.isSafeInteger(value)) throw new RangeError('varint above 2^53');
    return value;
  }

  signed(): number {
    const value = this.unsigned();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}

/** A column of as many values as `column` has places: pairs of value and repeat. */
export function readRunLengths(
  reader: VarintReader,
  column: { length: number; fill(value: number, from: number, to: number): unknown },
  readValue: () => number,
): void {
  let row = 0;
  while (row < column.length) {
    const value = readValue();
    const repeat = reader.unsigned();
    if (repeat === 0 || row + repeat > column.length) throw new RangeError('column is too long');
    column.fill(value, row, row + repeat);
    row += repeat;
  }
}
