import { type Clock, messageOf } from '../../core/index.ts';
import type { PowerDevice, PowerProbe, PowerReading, PowerSample } from '../../model/index.ts';
import { type MetricsPage, readPage } from '../engine-metrics/find-source.ts';
import type { ExpositionSample } from '../prometheus/parse-exposition.ts';

export interface DcgmProbeOptions {
  page: MetricsPage;
  clock: Clock;
  /** The run's, on the clock. */
  originUs: number;
}

/** Between two looks at the page. */
const intervalUs = 500_000;
/** DCGM's "blank" numbers: from these on a value means that there is none (dcgm_structs.h). */
const blank = { int64: 9.2e18, double: 2 ** 47 };

/**
 * GPUs by the page of a dcgm-exporter: the energy counter where it exports one, else power. Works for
 * a server on another machine. A look that shows what the one before did is left out: the exporter has not
 * collected anew, which by default it does every 30 s only (DCGM_EXPORTER_INTERVAL).
 *
 * Source of the names: dcgm-exporter, etc/default-counters.csv.
 *
 * @returns the probe, or in words why there is none
 */
export async function openDcgmProbe(options: DcgmProbeOptions): Promise<PowerProbe | string> {
  const { page, clock, originUs } = options;
  const first = await look(page);
  if (typeof first === 'string') return `${page.url}: ${first}`;
  const devices = devicesOf(first);
  if (devices.length === 0) return `${page.url} has no DCGM_FI_DEV_* of a GPU with its UUID`;
  const uuids = devices.flatMap(({ uuid }) => (uuid === null ? [] : [uuid]));
  const startJ = new Map(uuids.map((uuid) => [uuid, energyOf(first, uuid)]));
  const counts = [...startJ.values()].every((joules) => joules !== null);
  let lastUs = Number.NEGATIVE_INFINITY;
  let seen = '';
  let lost: string | null = null;
  return {
    id: 'dcgm',
    covers: `${devices.length} GPUs of the exporter at ${page.url} (${devices.map(({ name, model }) => `${name} ${model}`).join(', ')}): whole boards, whatever runs on them; not the host`,
    method: counts
      ? 'difference of the energy counters, as often as the exporter collects (set DCGM_EXPORTER_INTERVAL to 1000 ms)'
      : 'power as often as the exporter collects, trapezoid rule (set DCGM_EXPORTER_INTERVAL to 1000 ms)',
    devices,
    async read() {
      if (clock.nowUs() - lastUs < intervalUs) return [];
      lastUs = clock.nowUs();
      const samples = await look(page);
      lost = typeof samples === 'string' ? `${page.url}: ${samples}` : null;
      if (typeof samples === 'string') return [];
      const atUs = Math.round((lastUs + clock.nowUs()) / 2 - originUs);
      const readings = devices.map((device) =>
        readingOf(samples, device, counts ? (startJ.get(device.uuid ?? '') ?? null) : null),
      );
      const shown = JSON.stringify(readings.map(({ watts, energyJ }) => [watts, energyJ]));
      if (shown === seen) return [];
      seen = shown;
      return [{ atUs, readings } satisfies PowerSample];
    },
    lost: () => lost,
    close: async () => {},
  };
}

async function look(page: MetricsPage): Promise<ExpositionSample[] | string> {
  try {
    return readPage(await page.get());
  } catch (error) {
    return messageOf(error);
  }
}

/** Whole GPUs: slices of one (MIG) repeat its board. */
function devicesOf(samples: readonly ExpositionSample[]): PowerDevice[] {
  const devices = new Map<string, PowerDevice>();
  for (const { name, labels } of samples) {
    const uuid = labels.get('UUID');
    if (!name.startsWith('DCGM_FI_DEV_') || uuid === undefined || labels.has('GPU_I_ID')) continue;
    if (devices.has(uuid)) continue;
    devices.set(uuid, {
      name: `gpu-${labels.get('gpu') ?? '?'}`,
      uuid,
      model: labels.get('modelName') ?? 'unknown model',
      driver: labels.get('DCGM_FI_DRIVER_VERSION') ?? null,
      memoryBytes: null,
      powerLimitW: valueOf(samples, 'DCGM_FI_DEV_POWER_MGMT_LIMIT', uuid),
      processes: [],
    });
  }
  return [...devices.values()];
}

function readingOf(
  samples: readonly ExpositionSample[],
  { name, uuid }: PowerDevice,
  startJ: number | null,
): PowerReading {
  const value = (metric: string) => (uuid === null ? null : valueOf(samples, metric, uuid));
  const joules = uuid === null ? null : energyOf(samples, uuid);
  const busy = value('DCGM_FI_DEV_GPU_UTIL');
  const usedMib = value('DCGM_FI_DEV_FB_USED');
  return {
    name,
    watts: value('DCGM_FI_DEV_POWER_USAGE'),
    energyJ: joules === null || startJ === null ? null : joules - startJ,
    device: {
      busyShare: busy === null ? null : busy / 100,
      memoryUsedBytes: usedMib === null ? null : usedMib * 2 ** 20,
      clockMhz: value('DCGM_FI_DEV_SM_CLOCK'),
      temperatureC: value('DCGM_FI_DEV_GPU_TEMP'),
      // Its reasons are not among the default counters.
      clockLimits: null,
    },
  };
}

/** Since the driver was loaded; exported in mJ. */
function energyOf(samples: readonly ExpositionSample[], uuid: string): number | null {
  const mJ = valueOf(samples, 'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION', uuid);
  return mJ === null ? null : mJ / 1000;
}

function valueOf(
  samples: readonly ExpositionSample[],
  metric: string,
  uuid: string,
): number | null {
  const sample = samples.find(
    ({ name, labels }) => name === metric && labels.get('UUID') === uuid && !labels.has('GPU_I_ID'),
  );
  if (sample === undefined || !Number.isFinite(sample.value)) return null;
  return sample.value >= blank.int64 || sample.value === blank.double ? null : sample.value;
}
