/** A seeded stream of uniform numbers. */
export interface Rng {
  /** Uniform in [0, 1), 32 bits of resolution. */
  next(): number;
  /** Uniform in the open interval (0, 1): safe to take the logarithm of. */
  nextOpen(): number;
  /** Uniform integer in [0, bound). */
  int(bound: number): number;
}

/** FNV-1a with a murmur3 finaliser: spreads a string over 32 bits. */
export function hash32(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  }
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * sfc32 (Chris Doty-Humphrey, PractRand), seeded from a run seed and a purpose:
 * streams of different purposes are independent, and adding a consumer of one
 * purpose never shifts another.
 */
export function createRng(seed: number, purpose: string): Rng {
  let a = hash32(`${seed}/${purpose}/a`);
  let b = hash32(`${seed}/${purpose}/b`);
  let c = hash32(`${seed}/${purpose}/c`);
  let counter = 1;
  const nextUint32 = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  };
  // The first outputs still carry the seed's structure.
  for (let i = 0; i < 12; i++) nextUint32();
  return {
    next: () => nextUint32() / 4294967296,
    nextOpen: () => (nextUint32() + 0.5) / 4294967296,
    int: (bound) => Math.floor((nextUint32() / 4294967296) * bound),
  };
}
