import { BenchError } from '../core/index.ts';
import type { Finding } from '../model/index.ts';
import type { ReusedLevel } from '../protocols/index.ts';
import { toPlainRecord } from '../records/index.ts';
import { readEnvelope, readLevels } from '../results/index.ts';
import type { RunState } from './run-state.ts';

/**
 * The whole levels of an interrupted run, by the hash of their plan. The plan holds load, lengths,
 * prompts and seed; the server has to be the same one.
 *
 * @throws BenchError RESULT_*, USAGE_RESUME
 */
export async function readResumable(
  dir: string,
  state: RunState,
): Promise<(planHash: string, index: number) => ReusedLevel | null> {
  const envelope = await readEnvelope(dir);
  const served = state.preflight?.servedModel ?? state.opened?.model.served ?? null;
  const differs = [
    ['model', envelope.model.served, served],
    ['engine', envelope.engine.started ? envelope.engine.id : null, startedEngine(state)],
    ['version', startedVersion(envelope.engine), startedVersion(state.opened?.engine ?? null)],
  ].find(([, before, now]) => before !== now);
  if (differs !== undefined) {
    const [what, before, now] = differs;
    throw new BenchError(
      'USAGE_RESUME',
      `--resume ${dir}: its ${what} was ${before ?? 'unknown'}, this one is ${now ?? 'unknown'}.`,
      { hint: 'Levels of another server cannot be taken over; leave --resume out.' },
    );
  }
  const summaries = new Map(envelope.levels.map((level) => [level.index, level]));
  const kept = (index: number) =>
    (summaries.get(index)?.findings ?? []).filter(({ code }) => keptFindings.includes(code));
  const byHash = new Map(
    (await readLevels(dir, envelope))
      // Other launches repeat with seeds of their own, on a server that was started for them.
      .filter(({ index }) => (summaries.get(index)?.launch ?? 1) === 1)
      // An overloaded level was ended by its own evidence: it is as whole as it can be.
      .filter(({ index, status }) => status === 'complete' || kept(index).some(isOverload))
      .map((run) => [run.planHash, run]),
  );
  return (planHash, index) => {
    const run = byHash.get(planHash);
    if (run === undefined) return null;
    const records = run.records.map((record) => ({ ...toPlainRecord(record), level: index }));
    const leadIn = summaries.get(run.index)?.leadIn ?? null;
    // By its figures the client is judged again; the records do not hold them.
    const client = summaries.get(run.index)?.client?.figures;
    const findings = kept(run.index);
    return { run: { ...run, index, records, findings, ...(client && { client }) }, leadIn };
  };
}

/** What a level's records do not tell: how it was conducted. */
const keptFindings = ['level-overloaded', 'level-not-settled'];
const isOverload = ({ code }: Finding) => code === 'level-overloaded';

const startedEngine = (state: RunState) =>
  state.opened?.engine.started ? state.opened.engine.id : null;

const startedVersion = (engine: { started: boolean; version: string | null } | null) =>
  engine?.started ? engine.version : null;
