import type { ClientTarget } from '../../client/index.ts';
import { openMachineProbe } from '../../host/index.ts';
import type { LevelRun, LevelSummary, PowerInfo } from '../../model/index.ts';
import { isLocalUrl } from '../describe-run.ts';
import type { MeasureDeps } from '../measure-deps.ts';
import type { RunState } from '../run-state.ts';
import { openPowerProbe } from '../system/open-power-probe.ts';
import { watchPower } from '../system/watch-power.ts';
import { openOtherPage } from './engine-pages.ts';
import { type EngineTelemetry, openEngineTelemetry } from './engine-telemetry.ts';
import { watchMachine } from './watch-machine.ts';

/** Everything that is watched besides the requests. */
export interface Telemetry {
  readonly power: PowerInfo;
  readonly engine: EngineTelemetry;
  /** What was seen of a level that has just ended. */
  ofLevel(run: LevelRun): Promise<Pick<LevelSummary, 'power' | 'engine' | 'machine'>>;
  close(): Promise<void>;
}

/**
 * Opens what there is to watch on the target and on this machine; what there is not has its reason.
 *
 * @param originUs the run's, on the host's clock
 */
export async function openTelemetry(
  { settings, environment, opened }: RunState,
  { host, emit, outputDir }: MeasureDeps,
  target: ClientTarget,
  originUs: number,
): Promise<Telemetry> {
  const { clock } = host;
  const { dcgmUrl, power: asked } = settings;
  const dcgm = dcgmUrl === null ? null : openOtherPage(target, dcgmUrl, clock);
  const isLocal = isLocalUrl(target.url);
  const ask = { asked, isLocal, originUs, dcgm };
  const { probe, info } = await openPowerProbe(host, environment, ask);
  const engine = await openEngineTelemetry({
    ...{ target, settings, clock, originUs, outputDir, emit },
    noMetricsReason: opened?.noMetricsReason ?? null,
  });
  const machine = watchMachine(await openMachineProbe(), clock, originUs);
  const power = probe === null ? null : watchPower(probe, clock);
  return {
    power: info,
    engine,
    async ofLevel(run) {
      // Power first: its samples are the closest to the level's end.
      const drawn = (await power?.ofLevel(run)) ?? null;
      const said = await engine.ofLevel(run);
      const carried = await machine.ofLevel(run);
      return {
        ...(drawn && { power: drawn }),
        ...(said && { engine: said }),
        ...(carried && { machine: carried }),
      };
    },
    async close() {
      await Promise.all([power?.stop(), engine.close(), machine.stop()]);
    },
  };
}
