import { join } from 'node:path';
import { BenchError, type Host, sleepMs } from '../../core/index.ts';
import type { EmitRunEvent, Envelope } from '../../model/index.ts';
import {
  conductLevel,
  createConduct,
  lengthOf,
  noteFirstLaunch,
  type Turn,
  type TurnResult,
  warmUp,
} from '../../protocols/index.ts';
import { readEnvelope } from '../../results/index.ts';
import { methodOf } from '../method-settings.ts';
import { runInference } from '../run-inference.ts';
import type { LevelsInput } from '../run-levels.ts';
import type { RunSettings } from '../settings.ts';

export interface TurnOptions {
  turn: Turn;
  /** From 0. */
  block: number;
  settings: RunSettings;
  /** Folder of the comparison. */
  dir: string;
  /** Tells the prompts of one list from those of another. */
  salt: string;
  host: Host;
  emit: EmitRunEvent;
}

/** Where a turn's own result goes, relative to the comparison. */
export function turnFolder(turn: Turn, block: number): string {
  const side = turn === 'again' ? 'a-again' : turn.toLowerCase();
  return join('runs', `block-${String(block + 1).padStart(2, '0')}-${side}`);
}

/**
 * One side once, as a run of its own with a result folder of its own: started anew where `bench`
 * starts it, warmed up, rested, measured at one level.
 *
 * @throws BenchError what ended the run: ENGINE_*, TARGET_*, RESULT_*, ...
 */
export async function measureTurn(
  options: TurnOptions,
): Promise<TurnResult & { envelope: Envelope }> {
  const { turn, block, settings, dir, salt, host, emit } = options;
  const output = join(dir, turnFolder(turn, block));
  const silent = { isTTY: false, columns: 80, write: () => {} };
  const exitCode = await runInference(
    { ...settings, output, json: false, html: false, saveResult: false },
    { ...host, stdout: silent, stderr: silent },
    { emit, conduct: (input) => conductTurn(input, salt) },
  );
  const envelope = await readEnvelope(output);
  return readTurn(turn, block, envelope, exitCode);
}

/**
 * What a turn's own result comes to.
 * @throws BenchError what ended its run
 */
export function readTurn(
  turn: Turn,
  block: number,
  envelope: Envelope,
  exitCode: number = envelope.exitCode,
): TurnResult & { envelope: Envelope } {
  const { error } = envelope;
  if (error !== null) {
    throw new BenchError(error.code, `Block ${block + 1}, side ${turn}: ${error.message}`, {
      ...(error.hint !== null && { hint: error.hint }),
    });
  }
  const level = envelope.levels[0];
  if (level === undefined) {
    return {
      planHash: '',
      invalid: `nothing was measured (exit ${exitCode})`,
      values: {},
      envelope,
    };
  }
  const why = level.findings.filter(({ severity }) => severity === 'invalid');
  return {
    planHash: level.planHash,
    invalid: level.valid
      ? null
      : why.map(({ code, message }) => `${code}: ${message}`).join(' ') || 'level invalid',
    values: level.metrics.values,
    envelope,
  };
}

/** Warm-up with the number in flight of the load, idle time, then the one level. */
async function conductTurn(input: LevelsInput, salt: string): Promise<void> {
  const { context, settings, planner, ports } = input;
  const conduct = createConduct({ context, planner, settings: methodOf(settings), ports });
  input.onProgress(conduct.method, conduct.findings);
  const [rate] = settings.rate ?? [];
  const cap = settings.maxConcurrency?.[0] ?? null;
  await warmUp(conduct, rate === undefined ? (cap ?? 1) : Math.min(cap ?? 4, input.slots ?? 4));
  if (context.signal.aborted) return;
  await sleepMs(context.clock, settings.rest * 1000, context.signal).catch(() => {});
  const length = { ...lengthOf(conduct), salt };
  const plan = rate === undefined ? planner.closed(cap ?? 1, length) : planner.open(rate, length);
  await conductLevel(conduct, plan, { levels: 1 });
  noteFirstLaunch(conduct, input.coldStart);
}
