import type { Host } from '../../core/index.ts';
import { openNvidiaProbe, openRaplProbe, powercapDir } from '../../host/index.ts';
import type { Environment, PowerInfo, PowerProbe } from '../../model/index.ts';
import { type MetricsPage, openDcgmProbe } from '../../telemetry/index.ts';

/**
 * The probe that covers what serves the model, or the reason why there is none. A processor's
 * counter says nothing about a server on GPUs, and neither about one on another machine.
 *
 * @param originUs the run's, on the host's clock
 * @param dcgm the page of a dcgm-exporter on the serving machine, wherever that is
 */
export async function openPowerProbe(
  host: Host,
  environment: Environment,
  isLocal: boolean,
  originUs: number,
  dcgm: { page: MetricsPage; close(): Promise<void> } | null,
): Promise<{ probe: PowerProbe | null; info: PowerInfo }> {
  const { clock } = host;
  const open = async (): Promise<PowerProbe | string> => {
    if (dcgm !== null) return openDcgmProbe({ ...dcgm, clock, originUs });
    if (!isLocal) return 'the server is on another machine, and no --dcgm-url is given';
    if (environment.gpus.length > 0) return openNvidiaProbe({ clock, originUs });
    // Containers often mount the host's tree elsewhere.
    return openRaplProbe(host.env['BENCH_POWERCAP_DIR'] ?? powercapDir, clock, originUs);
  };
  const probe = await open();
  if (typeof probe === 'string') {
    await dcgm?.close();
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
