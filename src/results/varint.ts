/** A growing byte buffer of LEB128 varints. */
export interface VarintWriter {
  readonly length: number;
  /** Whole number in [0, 2^53). */
  unsigned(value: number): void;
  /** Whole number in (-2^52, 2^52), zigzag coded: 0, -1, 1, -2, ... */
  signed(value: number): void;
  /** A view, valid until the next write. */
  bytes(): Uint8Array;
}

export function createVarintWriter(): VarintWriter {
  let buffer = new Uint8Array(1024);
  let length = 0;
  const unsigned = (value: number): void => {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(`${value} is not a whole number that a varint holds`);
    }
    if (length + 8 > buffer.length) {
      const larger = new Uint8Array(buffer.length * 2);
      larger.set(buffer);
      buffer = larger;
    }
    let rest = value;
    // Beyond 31 bits the bit operators would cut.
    while (rest >= 0x80000000) {
      buffer[length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    while (rest >= 128) {
      buffer[length++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    buffer[length++] = rest;
  };
  return {
    get length() {
      return length;
    },
    unsigned,
    signed: (value) => unsigned(value < 0 ? -2 * value - 1 : 2 * value),
    bytes: () => buffer.subarray(0, length),
  };
}

export interface VarintReader {
  readonly done: boolean;
  unsigned(): number;
  signed(): number;
}

/** Throws RangeError where the bytes end early or a value is past 2^53. */
export function createVarintReader(bytes: Uint8Array): VarintReader {
  let at = 0;
  const unsigned = (): number => {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = bytes[at++];
      if (byte === undefined) throw new RangeError('varint past the end of the page');
      value += (byte & 127) * scale;
      if (byte < 128) break;
      scale *= 128;
    }
    if (!Number.isSafeInteger(value)) throw new RangeError('varint above 2^53');
    return value;
  };
  return {
    get done() {
      return at === bytes.length;
    },
    unsigned,
    signed() {
      const value = unsigned();
      return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    },
  };
}
