import { join } from 'node:path';
import type { LevelRun, RequestRecord } from '../model/index.ts';
import { planFile } from './file-names.ts';
import { readJsonLines } from './line-reader.ts';
import type { PlanHeader, PlanRequestLine } from './plan-lines.ts';

interface StoredPlan {
  header: PlanHeader;
  /** Offsets from the level's start of the requests that have records. */
  intendedUs: Map<number, number>;
}

/**
 * Levels of which there are records but no summary: the run was killed before it could sum them up.
 * The window ends behind the last recorded counted request. Records of levels without a plan
 * (warm-up) are left out.
 */
export async function rebuildLevels(
  dir: string,
  recordsByLevel: ReadonlyMap<number, RequestRecord[]>,
): Promise<LevelRun[]> {
  if (recordsByLevel.size === 0) return [];
  const plans = await readPlans(dir, recordsByLevel);
  const levels: LevelRun[] = [];
  for (const [index, records] of [...recordsByLevel].sort((a, b) => a[0] - b[0])) {
    const plan = plans.get(index);
    const counted = records.filter((record) => record.counted);
    if (plan !== undefined && counted.length > 0) levels.push(rebuildLevel(index, plan, records));
  }
  return levels;
}

function rebuildLevel(index: number, plan: StoredPlan, records: RequestRecord[]): LevelRun {
  const counted = records.filter((record) => record.counted);
  const intended = counted.map((record) => record.intendedUs);
  const startUs = findStart(plan, counted);
  return {
    index,
    load: plan.header.load,
    startUs,
    windowStartUs: findWindowStart(plan, startUs, counted),
    windowEndUs: largest(intended) + 1,
    endUs: largest(counted.map((record) => record.endUs)),
    planHash: plan.header.hash,
    requestsPlanned: plan.header.countedRequests ?? counted.length,
    status: 'partial',
    records,
    findings: [
      {
        code: 'level-cut',
        severity: 'warning',
        message: `The run ended within this level: ${counted.length} of ${plan.header.countedRequests ?? 'its'} requests are on record.`,
        level: index,
      },
    ],
  };
}

/** An open loop tells its start by any request; a closed one starts with its first send. */
function findStart(plan: StoredPlan, counted: readonly RequestRecord[]): number {
  for (const record of counted) {
    const offset = plan.intendedUs.get(record.index);
    if (offset !== undefined) return record.intendedUs - offset;
  }
  return counted.reduce((least, record) => Math.min(least, record.intendedUs), Infinity);
}

/** Behind a lead-in, whose requests do not count, the first that counts tells when the window began. */
function findWindowStart(
  { header }: StoredPlan,
  startUs: number,
  counted: readonly RequestRecord[],
): number {
  let earliest = counted[0];
  for (const one of counted)
    if (earliest === undefined || one.index < earliest.index) earliest = one;
  const hasLeadIn = header.load.kind === 'open' && earliest !== undefined && earliest.index > 0;
  return hasLeadIn && earliest !== undefined ? earliest.intendedUs : startUs;
}

function largest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), -Infinity);
}

async function readPlans(
  dir: string,
  recordsByLevel: ReadonlyMap<number, readonly RequestRecord[]>,
): Promise<Map<number, StoredPlan>> {
  const plans = new Map<number, StoredPlan>();
  const recorded = new Map(
    [...recordsByLevel].map(([level, records]) => [level, new Set(records.map((r) => r.index))]),
  );
  for await (const value of readJsonLines(join(dir, planFile), () => {})) {
    const line = value as PlanHeader | PlanRequestLine;
    if (line.kind === 'level') {
      plans.set(line.level, { header: line, intendedUs: new Map() });
    } else if (line.intendedUs !== null && recorded.get(line.level)?.has(line.index)) {
      plans.get(line.level)?.intendedUs.set(line.index, line.intendedUs);
    }
  }
  return plans;
}
