import { relative } from 'node:path';
import { BenchError, type Host } from '../../core/index.ts';
import { compareRuns } from '../../metrics/index.ts';
import type { Comparison } from '../../model/index.ts';
import { enginesNeedLaunches } from './check-endpoints.ts';
import type { CompareRequest, SideAsked } from './compare-settings.ts';
import { contextMismatches } from './context-mismatches.ts';
import { describeRunSide } from './describe-side.ts';
import type { MetricsAsked } from './metrics-asked.ts';
import { chooseLoad, countAt, openStored, type StoredRun, valuesAt } from './stored-levels.ts';
import { unfitSides } from './unfit-levels.ts';

export type StoredSide = Extract<SideAsked, { kind: 'stored' }>;

/** Starts of each engine without which engines are not compared. */
const leastLaunches = 3;

/**
 * Compares results that are there; fills in `comparison`.
 *
 * @throws BenchError RESULT_*, USAGE_COMPARE_LOAD, USAGE_CONTEXT_MISMATCH, USAGE_COMPARE_LAUNCHES
 */
export async function compareStored(
  comparison: Comparison,
  sides: readonly [StoredSide, StoredSide],
  request: CompareRequest,
  asked: MetricsAsked,
  { host, dir }: { host: Host; dir: string },
): Promise<void> {
  const { settings } = request;
  const [a, b] = [await openStored(sides[0].paths, host), await openStored(sides[1].paths, host)];
  comparison.mismatches = contextMismatches(a, b, settings.force);
  refuse(comparison.mismatches, 'differ in more than what was measured');
  const { key, name, common } = chooseLoad(a, b, request.load);
  const unfit = unfitSides(a, b, key, settings.force);
  comparison.mismatches = [...comparison.mismatches, ...unfit];
  refuse(unfit, 'are not all whole and valid');
  comparison.load = name;
  // Whether an endpoint was started anew between two runs of it, nothing tells.
  const started = [...a, ...b].every(({ envelope }) => envelope.engine.started);
  const [unit, several] = started ? ['launch', 'launches'] : ['run', 'runs'];
  comparison.seed = a[0]?.envelope.seed ?? 0;
  [a, b].forEach((runs, i) => {
    const side = comparison.sides[i as 0 | 1];
    side.results = runs.map((run) => relative(dir, run.dir));
    const [first] = runs;
    const starts = countAt(runs, key);
    if (first) {
      side.describe = `${describeRunSide(first.envelope, '')} (${side.describe}: ${starts} ${starts === 1 ? unit : several})`;
    }
  });
  const [countA, countB] = [countAt(a, key), countAt(b, key)];
  const [engineA, engineB] = [engineOf(a), engineOf(b)];
  if (engineA !== engineB && Math.min(countA, countB) < leastLaunches) {
    throw enginesNeedLaunches(
      engineA ?? 'an unknown engine',
      engineB ?? 'an unknown engine',
      `${countA} and ${countB} stored ${several}`,
    );
  }
  const metrics = [...asked.primary, ...asked.others];
  comparison.results = compareRuns(
    (metric) => ({ a: valuesAt(a, key, metric), b: valuesAt(b, key, metric) }),
    { ...asked, marginShare: settings.margin },
  );
  const values = metrics.map(
    (metric) => [metric, valuesAt(a, key, metric), valuesAt(b, key, metric)] as const,
  );
  // Not pairs: only what each side has, one after the other.
  comparison.blocks = Array.from({ length: Math.max(countA, countB) }, (_, index) => ({
    index,
    order: [],
    valid: true,
    reason: null,
    planHash: null,
    values: Object.fromEntries(
      values.map(([metric, ofA, ofB]) => [
        metric,
        { a: ofA[index]?.value ?? null, b: ofB[index]?.value ?? null },
      ]),
    ),
  }));
  if (common > 1) {
    comparison.findings.push({
      code: 'one-load-compared',
      severity: 'info',
      message: `compared at ${name}, one of ${common} loads that all results have; --rate, --concurrency or --max-concurrency chooses another.`,
    });
  }
  if (!started || (countA === 1 && countB === 1)) {
    comparison.findings.push({
      code: 'single-launch',
      severity: 'warning',
      message: !started
        ? 'these are runs of servers that bench did not start: unless they were started anew in between, the intervals do not hold what varies from one start to the next, which may be more.'
        : 'each side is one launch: the intervals hold what varies within a run, not what varies from one start to the next, which may be more. Store several results of each and compare those.',
    });
  }
  if (unfit.length > 0) {
    const listed = unfit.map(({ field, a, b }) => `${field}: ${a} against ${b}`).join('; ');
    comparison.findings.push({
      code: 'sides-not-whole',
      severity: 'warning',
      message: `compared by --force although not both sides are whole, valid measurements (${listed}); levels that are not valid are left out.`,
    });
  }
  const allowed = comparison.mismatches.filter(({ field }) => field === 'host');
  if (allowed.length > 0) {
    comparison.findings.push({
      code: 'hosts-differ',
      severity: 'warning',
      message:
        'the results are from different machines; equal hardware may still differ in cooling, firmware and neighbours.',
    });
  }
}

const engineOf = (runs: readonly StoredRun[]) => runs[0]?.envelope.engine.id ?? null;

function refuse(mismatches: Comparison['mismatches'], why: string): void {
  const refused = mismatches.filter(({ allowed }) => !allowed);
  if (refused.length === 0) return;
  const listed = refused.map(({ field, a, b }) => `${field}: ${a} against ${b}`);
  throw new BenchError('USAGE_CONTEXT_MISMATCH', `The results ${why}: ${listed.join('; ')}.`, {
    hint: 'Measure both in the same way; --force compares them all the same.',
  });
}
