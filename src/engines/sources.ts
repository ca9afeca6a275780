import { BenchError, messageOf } from '../core/index.ts';
import type { EngineContext } from './context.ts';
import { throwIfAborted } from './context.ts';

/** What an install would fetch from one of its sources. */
export interface SourceOffer {
  what: string;
  from: string;
  /** Bytes over the network; null when not known beforehand. */
  bytes: number | null;
  /** Why this source is out on this machine; null when it will be tried. */
  unavailable: string | null;
}

export interface Source<T> extends SourceOffer {
  id: string;
  fetch(): Promise<T>;
}

/**
 * The first source that works. One that refuses is passed over without a word; when none is
 * left, one error names each with its reason.
 * @param offline the exact commands that do without a network.
 * @throws BenchError `PREREQ_<CODE>`; the abort reason when `ctx.signal` is aborted.
 */
export async function fetchFromFirst<T>(
  ctx: EngineContext,
  what: string,
  code: `PREREQ_${string}`,
  sources: readonly Source<T>[],
  offline: string,
): Promise<T> {
  const tried: { from: string; reason: string }[] = [];
  for (const source of sources) {
    throwIfAborted(ctx);
    if (source.unavailable !== null) {
      tried.push({ from: source.from, reason: source.unavailable });
      continue;
    }
    try {
      return await source.fetch();
    } catch (error) {
      throwIfAborted(ctx);
      // A folder that cannot be written fails alike from every source.
      if (error instanceof BenchError && error.code === 'PREREQ_CACHE_UNWRITABLE') throw error;
      tried.push({ from: source.from, reason: reasonOf(error) });
    }
  }
  const list = tried.map(({ from, reason }) => `\n  - ${from}: ${reason}`).join('');
  throw new BenchError(code, `No source for ${what} is left:${list}`, {
    hint: offline,
    details: { tried },
  });
}

export function offersOf(sources: readonly SourceOffer[]): SourceOffer[] {
  return sources.map(({ what, from, bytes, unavailable }) => ({ what, from, bytes, unavailable }));
}

/** The inner reason where there is one: the list already says what came from where. */
function reasonOf(error: unknown): string {
  const inner = error instanceof BenchError ? error.details?.['reason'] : undefined;
  return typeof inner === 'string' ? inner : messageOf(error);
}
