import { type Clock, repeatEvery, sleepMs } from '../../core/index.ts';
import { levelPower } from '../../metrics/index.ts';
import type { LevelPower, LevelRun, PowerProbe, PowerSample } from '../../model/index.ts';

/** A probe that is read all along a run. */
export interface PowerWatch {
  /** Of a level that has just ended. */
  ofLevel(run: LevelRun): Promise<LevelPower>;
  stop(): Promise<void>;
}

const intervalMs = 100;
/** A probe in a process of its own tells of a moment a little after it. */
const longestWaitMs = 2_000;

/** Reads the probe ten times a second until it is stopped, and closes it then. */
export function watchPower(probe: PowerProbe, clock: Clock): PowerWatch {
  const samples: PowerSample[] = [];
  // One read at a time: a counter that is read out of order would seem to run backwards.
  const reads = repeatEvery(clock, intervalMs, async () => {
    samples.push(...(await probe.read()));
  });
  return {
    async ofLevel(run) {
      const limitUs = clock.nowUs() + longestWaitMs * 1000;
      await reads.again();
      while (
        (samples.at(-1)?.atUs ?? Number.NEGATIVE_INFINITY) < run.endUs &&
        probe.lost() === null &&
        clock.nowUs() < limitUs
      ) {
        await sleepMs(clock, intervalMs / 4);
        await reads.again();
      }
      const power = levelPower(run, samples);
      // What lies before the level's end is not looked at again.
      const kept = samples.findLastIndex(({ atUs }) => atUs <= run.endUs);
      samples.splice(0, Math.max(0, kept));
      const lost = power.avgW === null ? probe.lost() : null;
      return lost === null ? power : { ...power, reason: lost };
    },
    async stop() {
      await reads.stop();
      await probe.close();
    },
  };
}
