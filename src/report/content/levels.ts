import type { Envelope, LevelSummary, SloTemplate } from '../../model/index.ts';

/** Levels of the first launch that are neither the sustained run nor a repetition, by load. */
export function searchLevels({ levels }: Pick<Envelope, 'levels'>): LevelSummary[] {
  return byLoad(
    levels.filter(
      ({ role = 'level', launch = 1 }) => launch === 1 && (role === 'level' || role === 'sweep'),
    ),
  );
}

/** Every level: those of the search by load, then the sustained run and the repetitions. */
export function levelsByLoad(envelope: Pick<Envelope, 'levels'>): LevelSummary[] {
  const search = searchLevels(envelope);
  const others = envelope.levels.filter((level) => !search.includes(level));
  return [...search, ...others];
}

/** The sustained run of the first launch that the result speaks of; null without one. */
export function sustainedLevel({ levels, method }: Envelope): LevelSummary | null {
  const index = method?.sustained?.level;
  const named = levels.find((level) => level.index === index);
  const last = levels.findLast(({ role, launch = 1 }) => role === 'sustained' && launch === 1);
  return named ?? last ?? null;
}

/** Every SLO asked for, the first one first. */
export function slosOf({ slo, slos }: Envelope): SloTemplate[] {
  if (slos !== undefined && slos.length > 0) return slos;
  return slo === null ? [] : [slo];
}

export function levelAt(envelope: Envelope, index: number | null): LevelSummary | null {
  return index === null ? null : (envelope.levels.find((level) => level.index === index) ?? null);
}

/** At most `most` of the levels, evenly taken, with the first, the last and the one to keep. */
export function thinLevels<T>(levels: readonly T[], most: number, keep: T | null): T[] {
  if (levels.length <= most) return [...levels];
  const step = (levels.length - 1) / (most - 1);
  const places = new Set(Array.from({ length: most }, (_, i) => Math.round(i * step)));
  const kept = keep === null ? -1 : levels.indexOf(keep);
  if (kept >= 0 && !places.has(kept)) {
    const inner = [...places].filter((place) => place > 0 && place < levels.length - 1);
    const nearest = inner.sort((a, b) => Math.abs(a - kept) - Math.abs(b - kept))[0];
    if (nearest !== undefined) places.delete(nearest);
    places.add(kept);
  }
  return levels.filter((_, i) => places.has(i));
}

function byLoad(levels: LevelSummary[]): LevelSummary[] {
  const load = ({ load: { kind, rateRps, maxConcurrency } }: LevelSummary) =>
    (kind === 'open' ? rateRps : maxConcurrency) ?? 0;
  // Open loop first: rates and numbers of callers are no common order.
  const kind = (level: LevelSummary) => Number(level.load.kind === 'closed');
  return levels.sort((a, b) => kind(a) - kind(b) || load(a) - load(b));
}
