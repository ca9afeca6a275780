/** How often each of the distinct values came, which takes memory for those alone. */
export interface ValueCounts {
  readonly distinct: number;
  add(value: number, times: number): void;
  forEach(visit: (value: number, times: number) => void): void;
}

/** Distinct values in ascending order. */
export interface SortedCounts {
  values: Float64Array;
  /** How many values are at or below each. */
  upTo: Float64Array;
}

const bits = new Float64Array(1);
const words = new Uint32Array(bits.buffer);

/** A hash table with linear probing, at most half full; a count of 0 marks a free place. */
export function createValueCounts(): ValueCounts {
  let places = 1024;
  let shift = 22;
  let keys = new Float64Array(places);
  let counts = new Float64Array(places);
  let distinct = 0;
  // Gaps come in runs of equal values: tokens of one network read are 0 apart.
  let last = 0;

  const placeOf = (value: number): number => {
    bits[0] = value;
    const mixed = Math.imul(
      (words[0] as number) ^ Math.imul(words[1] as number, 0x9e3779b1),
      0x85ebca6b,
    );
    let place = (mixed ^ (mixed << 15)) >>> shift;
    while (counts[place] !== 0 && keys[place] !== value) place = (place + 1) & (places - 1);
    return place;
  };
  const grow = () => {
    const oldKeys = keys;
    const oldCounts = counts;
    places *= 2;
    shift--;
    keys = new Float64Array(places);
    counts = new Float64Array(places);
    for (let i = 0; i < oldKeys.length; i++) {
      if (oldCounts[i] === 0) continue;
      const place = placeOf(oldKeys[i] as number);
      keys[place] = oldKeys[i] as number;
      counts[place] = oldCounts[i] as number;
    }
    last = 0;
  };

  return {
    get distinct() {
      return distinct;
    },
    add(value, times) {
      if (keys[last] === value && counts[last] !== 0) {
        counts[last] = (counts[last] as number) + times;
        return;
      }
      // -0 and 0 are one value.
      const place = placeOf(value + 0);
      if (counts[place] === 0) {
        keys[place] = value + 0;
        distinct++;
      }
      counts[place] = (counts[place] as number) + times;
      last = place;
      if (distinct * 2 > places) grow();
    },
    forEach(visit) {
      for (let i = 0; i < places; i++) {
        if (counts[i] !== 0) visit(keys[i] as number, counts[i] as number);
      }
    },
  };
}

/** @param below how many values are known to lie below all of these. */
export function sortCounts(counts: ValueCounts, below = 0): SortedCounts {
  const values = new Float64Array(counts.distinct);
  let filled = 0;
  counts.forEach((value) => {
    values[filled++] = value;
  });
  values.sort();
  const upTo = new Float64Array(values.length);
  counts.forEach((value, times) => {
    upTo[firstFrom(values, value)] = times;
  });
  let seen = below;
  for (let i = 0; i < upTo.length; i++) {
    seen += upTo[i] as number;
    upTo[i] = seen;
  }
  return { values, upTo };
}

/** Place of the first element that is not below `x`, in an ascending column. */
export function firstFrom(column: Float64Array, x: number): number {
  let low = 0;
  let high = column.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((column[middle] as number) < x) low = middle + 1;
    else high = middle;
  }
  return low;
}
