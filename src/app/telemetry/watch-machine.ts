import { type Clock, repeatEvery } from '../../core/index.ts';
import type { MachineProbe } from '../../host/index.ts';
import { levelMachine } from '../../metrics/index.ts';
import type {
  Finding,
  LevelMachine,
  LevelRun,
  LevelSummary,
  MachineSample,
} from '../../model/index.ts';

const intervalMs = 1_000;
/** Share of the cores' time from which on a taken-away part is worth a word. */
const muchStolen = 0.02;

/** The client's machine, read all along a run. */
export interface MachineWatch {
  /** Of a level that has just ended. */
  ofLevel(run: LevelRun): Promise<LevelMachine | null>;
  stop(): Promise<void>;
}

/** Reads once a second until it is stopped. `originUs` is the run's, on the clock. */
export function watchMachine(probe: MachineProbe, clock: Clock, originUs: number): MachineWatch {
  const samples: MachineSample[] = [];
  const looks = repeatEvery(clock, intervalMs, async () => {
    const atUs = Math.round(clock.nowUs() - originUs);
    samples.push({ atUs, reading: await probe.read() });
  });
  return {
    async ofLevel(run) {
      const machine = levelMachine(run, samples);
      const kept = samples.findLastIndex(({ atUs }) => atUs <= run.endUs);
      samples.splice(0, Math.max(0, kept));
      return machine;
    },
    stop: () => looks.stop(),
  };
}

/** Time that a hypervisor took, and cores that were held back. */
export function judgeMachine(levels: readonly LevelSummary[]): Finding[] {
  return levels.flatMap(({ index, machine }) => {
    const found: Finding[] = [];
    const stolen = machine?.stolenShare ?? 0;
    if (stolen > muchStolen) {
      found.push({
        code: 'cpu-stolen',
        severity: 'warning',
        message: `the hypervisor took ${(100 * stolen).toPrecision(2)} % of this machine's processor time: whatever runs here was slowed by others, and will be differently next time.`,
        level: index,
      });
    }
    const throttled = machine?.throttleEvents ?? 0;
    if (throttled > 0) {
      const clock = machine?.clockMinMhz == null ? '' : `, down to ${machine.clockMinMhz} MHz`;
      found.push({
        code: 'cpu-throttled',
        severity: 'warning',
        message: `heat or power held this machine's cores back ${throttled} times${clock}; cool it or lower its load.`,
        level: index,
      });
    }
    return found;
  });
}
