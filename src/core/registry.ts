import { BenchError } from './errors.ts';
import { didYouMean } from './suggest.ts';

/** An explicit list of variants of one seam, looked up by id. */
export interface Registry<T extends { readonly id: string }> {
  ids(): string[];
  list(): readonly T[];
  has(id: string): boolean;
  /** @throws BenchError `USAGE_UNKNOWN_<KIND>` that names the known ids. */
  get(id: string): T;
}

/** @param kind the user's word for the variants, singular: `engine`, `dataset`. */
export function createRegistry<T extends { readonly id: string }>(
  kind: string,
  variants: readonly T[],
): Registry<T> {
  const byId = new Map(variants.map((variant) => [variant.id, variant]));
  if (byId.size !== variants.length) throw new Error(`two ${kind} variants share an id`);
  const ids = () => [...byId.keys()];
  return {
    ids,
    list: () => variants,
    has: (id) => byId.has(id),
    get(id) {
      const found = byId.get(id);
      if (found) return found;
      throw new BenchError(
        `USAGE_UNKNOWN_${kind.toUpperCase().replaceAll(/[^A-Z]/g, '_')}`,
        `Unknown ${kind} "${id}".${didYouMean(id, ids())}`,
        { hint: `Known: ${ids().join(', ')}.` },
      );
    },
  };
}
