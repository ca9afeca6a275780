import { readdir, stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { BenchError, type Host } from '../../core/index.ts';
import type { RunValue } from '../../metrics/index.ts';
import { formatLoad, type LevelRole, type LevelSummary } from '../../model/index.ts';
import { envelopeFile, readEnvelope } from '../../results/index.ts';
import { openResult, type StoredResult } from '../show-result.ts';
import type { LoadChosen } from './compare-settings.ts';
import type { ContextOf } from './context-mismatches.ts';

/** A result folder, read and computed again. */
export interface StoredRun extends ContextOf {
  dir: string;
  levels: readonly LevelSummary[];
}

/**
 * Every result that the paths name: a result folder itself, or the results in a folder.
 *
 * @throws BenchError RESULT_*
 */
export async function openStored(paths: readonly string[], host: Host): Promise<StoredRun[]> {
  const runs: StoredRun[] = [];
  for (const path of paths) {
    for (const dir of await resultFolders(resolve(host.cwd, path))) {
      runs.push(await openRun(dir, host));
    }
  }
  return runs;
}

async function openRun(dir: string, host: Host): Promise<StoredRun> {
  const result: StoredResult = await openResult(dir, host);
  const { envelope } = result;
  if (envelope.levels.length > 0) {
    return { dir: result.dir, envelope, levels: envelope.levels, definition: 'recomputed' };
  }
  // Without its records a result has only the numbers that its version wrote.
  const stored = await readEnvelope(dir);
  const definition = `as stored by version ${stored.tool.version}`;
  return { dir: result.dir, envelope: stored, levels: stored.levels, definition };
}

async function resultFolders(path: string): Promise<string[]> {
  const isThere = async (file: string) => (await stat(file).catch(() => null))?.isFile() === true;
  const found = await stat(path).catch(() => null);
  if (found === null || !found.isDirectory() || (await isThere(join(path, envelopeFile)))) {
    return [path];
  }
  const below = (await readdir(path)).sort().map((name) => join(path, name));
  const results: string[] = [];
  for (const dir of below) if (await isThere(join(dir, envelopeFile))) results.push(dir);
  return results.length === 0 ? [path] : results;
}

/** Levels of the same load are comparable; calibrated rates stand for the concurrency asked. */
export function loadKey({ load }: LevelSummary): string {
  const { kind, rateRps, concurrencyAsked, maxConcurrency, arrival } = load;
  const rate = concurrencyAsked === null ? rateRps : `c${concurrencyAsked}`;
  return `${kind} ${rate} ${maxConcurrency} ${arrival}`;
}

/** Every level of that load, valid or not. */
export function levelsOfLoad(run: StoredRun, key: string): LevelSummary[] {
  return run.levels.filter((level) => loadKey(level) === key);
}

/** Of several levels of one load in one launch the longest-standing speaks. */
const rank: Record<LevelRole, number> = { sustained: 0, level: 1, sweep: 2, lower: 3, upper: 4 };

/** One level a launch: those of that load. Levels that are not valid are no values. */
function levelsAt(run: StoredRun, key: string): LevelSummary[] {
  const byLaunch = new Map<number, LevelSummary>();
  for (const level of levelsOfLoad(run, key)) {
    if (!level.valid) continue;
    const launch = level.launch ?? 1;
    const before = byLaunch.get(launch);
    const better = before === undefined || rankOf(level) < rankOf(before);
    if (better) byLaunch.set(launch, level);
  }
  return [...byLaunch.values()];
}

const rankOf = ({ role }: LevelSummary) => rank[role ?? 'level'];

/** Values of a metric at a load: one for each launch of each result. */
export function valuesAt(runs: readonly StoredRun[], key: string, metric: string): RunValue[] {
  return runs.flatMap((run) =>
    levelsAt(run, key).map(({ metrics }) => {
      const value = metrics.values[metric];
      const interval = metrics.intervals[metric];
      return {
        value: typeof value === 'number' ? value : null,
        interval: interval && interval.low !== null ? interval : null,
      };
    }),
  );
}

/** Values that a side has at a load, launches counted. */
export function countAt(runs: readonly StoredRun[], key: string): number {
  return runs.reduce((sum, run) => sum + levelsAt(run, key).length, 0);
}

/**
 * The load that is compared: the one asked for, else the headline of A where all have it, else the
 * highest that all have.
 *
 * @throws BenchError USAGE_COMPARE_LOAD
 */
export function chooseLoad(
  a: readonly StoredRun[],
  b: readonly StoredRun[],
  chosen: LoadChosen,
): { key: string; name: string; common: number } {
  const all = [...a, ...b];
  const [first] = a;
  const common = (first?.levels ?? [])
    .filter((level, i, levels) => levels.findIndex((one) => loadKey(one) === loadKey(level)) === i)
    .filter((level) => all.every((run) => levelsAt(run, loadKey(level)).length > 0));
  const asked = common.find(({ load }) => isAsked(load, chosen));
  const wanted = Object.entries(chosen).filter(([, value]) => value !== null);
  if (wanted.length > 0 && asked === undefined) {
    const names = wanted.map(([key, value]) => `${key} ${value}`).join(', ');
    throw noCommonLoad(`no valid level of ${names} in every result`, all);
  }
  const headline = first === undefined ? undefined : first.levels[first.envelope.headline ?? -1];
  const ofHeadline = common.find((level) => headline && loadKey(level) === loadKey(headline));
  const highest = [...common].sort((x, y) => heightOf(y) - heightOf(x))[0];
  const level = asked ?? ofHeadline ?? highest;
  if (level === undefined) throw noCommonLoad('no load that all results have, valid', all);
  return { key: loadKey(level), name: formatLoad(level.load), common: common.length };
}

function isAsked(
  { rateRps, concurrencyAsked, maxConcurrency }: LevelSummary['load'],
  chosen: LoadChosen,
) {
  if (Object.values(chosen).every((value) => value === null)) return false;
  return (
    (chosen.rate === null || chosen.rate === rateRps) &&
    (chosen.concurrency === null || chosen.concurrency === concurrencyAsked) &&
    (chosen.maxConcurrency === null || chosen.maxConcurrency === maxConcurrency)
  );
}

const heightOf = ({ load }: LevelSummary) => load.rateRps ?? load.maxConcurrency ?? 0;

function noCommonLoad(what: string, runs: readonly StoredRun[]): BenchError {
  const listed = runs.map(
    ({ dir, levels }) =>
      `${relative(resolve(dir, '..'), dir)}: ${levels.map(({ load }) => formatLoad(load)).join('; ') || 'none'}`,
  );
  return new BenchError('USAGE_COMPARE_LOAD', `There is ${what}.`, {
    hint: `Measure both at the same load. They have: ${listed.join(' | ')}`,
  });
}
