import { createHash } from 'node:crypto';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageFile } from '../../core/index.ts';
import type { Tunable } from '../../engines/index.ts';
import { type ArenaAgent, judgeExitCode } from './agent.ts';

const program = packageFile('assets/arena/random-search.py');
const placeholder = '@SETTINGS@';

/**
 * Draws settings of the engine evenly from their ranges, measures each with ./evaluate quick, as any
 * agent could, and leaves the best. Goes on where it was when it is started again.
 * @param tunables what may be turned; ranges in CPUs end at those there are
 */
export async function randomSearch(tunables: readonly Tunable[]): Promise<ArenaAgent> {
  const text = await readFile(program);
  return {
    id: 'random-search',
    version: createHash('sha256').update(text).digest('hex').slice(0, 12),
    resumable: true,
    async prepare({ folder, inside, python, startScript, devSeed, cpus, size }) {
      await copyFile(program, join(folder, 'random-search.py'));
      await writeFile(join(folder, 'template.sh'), startScript([placeholder]));
      const inFlight = Math.max(...size.profiles.map((one) => one.maxInFlight));
      const space = tunables.map((one) => limited(one, cpus, inFlight));
      await writeFile(
        join(folder, 'space.json'),
        JSON.stringify({ seed: devSeed, placeholder, space, slotTokens: size.maxModelTokens }),
      );
      return { command: [python, `${inside}/random-search.py`, inside], env: {} };
    },
    judgeExit: judgeExitCode,
  };
}

/** Threads beyond the CPUs, and slots far beyond the requests in flight, only cost trials. */
function limited(tunable: Tunable, cpus: number, inFlight: number): Tunable {
  const most: Record<string, number> = { '--threads': cpus, '--parallel': 2 * inFlight };
  const high = most[tunable.flag];
  if (high === undefined || tunable.range === undefined) return tunable;
  return { ...tunable, range: { ...tunable.range, high: Math.max(high, tunable.range.low + 1) } };
}
