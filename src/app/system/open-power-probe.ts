import { stat } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { BenchError, type Host } from '../../core/index.ts';
import { openNvidiaProbe, openRaplProbe, powercapDir } from '../../host/index.ts';
import type { Environment, PowerInfo, PowerProbe } from '../../model/index.ts';
import { type MetricsPage, openDcgmProbe } from '../../telemetry/index.ts';
import type { PowerChoice } from '../settings.ts';

export interface PowerAsk {
  asked: PowerChoice;
  /** The server is on this machine. */
  isLocal: boolean;
  /** The run's, on the host's clock. */
  originUs: number;
  /** The page of a dcgm-exporter on the serving machine, wherever that is. */
  dcgm: { page: MetricsPage; close(): Promise<void> } | null;
  /** In front of `/dev`; tests have a tree of their own. */
  root?: string;
}

/**
 * The probe that covers what serves the model, or the reason why there is none. A processor's
 * counter says nothing about a server on GPUs, and neither about one on another machine.
 *
 * @throws BenchError PREREQ_POWER when a probe was named and cannot be had
 */
export async function openPowerProbe(
  host: Host,
  environment: Environment,
  { asked, isLocal, originUs, dcgm, root = '/' }: PowerAsk,
): Promise<{ probe: PowerProbe | null; info: PowerInfo }> {
  const { clock } = host;
  // Containers often mount the host's tree elsewhere.
  const openRapl = () =>
    openRaplProbe(host.env['BENCH_POWERCAP_DIR'] ?? powercapDir, clock, originUs);
  const open = async (): Promise<PowerProbe | string> => {
    if (dcgm !== null) return openDcgmProbe({ ...dcgm, clock, originUs });
    if (asked === 'none') return 'not asked for (--power none)';
    if (!isLocal) return 'the server is on another machine, and no --dcgm-url is given';
    if (asked === 'rapl') return openRapl();
    if (asked === 'nvidia' || environment.gpus.length > 0) {
      return openNvidiaProbe({ clock, originUs });
    }
    return (await unreadGpu(root)) ?? openRapl();
  };
  const probe = await open();
  if (typeof probe === 'string') {
    await dcgm?.close();
    if (asked !== 'auto' && asked !== 'none') {
      throw new BenchError('PREREQ_POWER', `--power ${asked}: ${probe}.`, {
        hint: 'Leave --power out: the report then says that power was not measured, and why.',
      });
    }
    return { probe: null, info: { probe: null, covers: null, reason: probe } };
  }
  const { id, covers, method, devices } = probe;
  const close = async () => {
    await probe.close();
    await dcgm?.close();
  };
  return {
    probe: { ...probe, close },
    info: {
      ...{ probe: id, covers, reason: null, method },
      ...(devices && { devices: [...devices] }),
    },
  };
}

/** Why the power of this machine's GPUs cannot be read, where it has some that may serve. */
async function unreadGpu(root: string): Promise<string | null> {
  if ((await stat(join(root, 'dev/kfd')).catch(() => null)) !== null) {
    return 'there is an AMD GPU (/dev/kfd), and reading its power is not implemented; --power rapl takes the processors alone';
  }
  if (platform() === 'darwin' && arch() === 'arm64') {
    return 'reading the power of Apple GPUs is not implemented';
  }
  return null;
}
