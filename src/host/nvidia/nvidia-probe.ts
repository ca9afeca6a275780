import type { Clock } from '../../core/index.ts';
import type { PowerDevice, PowerProbe, PowerReading, PowerSample } from '../../model/index.ts';
import { createSmi, type Smi } from './run-smi.ts';
import { smiBytes, smiClockLimits, smiNumber, smiRow, smiText, smiTimeMs } from './smi-csv.ts';

export interface NvidiaProbeOptions {
  clock: Clock;
  /** The run's, on the clock. */
  originUs: number;
  /** Between two looks, milliseconds; default 100. */
  intervalMs?: number;
  smi?: Smi;
}

/** Fields of `--query-gpu`, each with the name it has in older drivers; null: do without it. */
const fieldNames: readonly (readonly [wanted: string, older: string | null])[] = [
  ['timestamp', null],
  ['uuid', null],
  // Of the moment. `power.draw` is a mean over a second on most cards since Ampere: it lags behind a
  // level's start and end (measured on an H200: 4 % of the energy of a 9 s load).
  ['power.draw.instant', 'power.draw'],
  ['utilization.gpu', null],
  ['memory.used', null],
  ['clocks.sm', null],
  ['temperature.gpu', null],
  ['clocks_event_reasons.active', 'clocks_throttle_reasons.active'],
];

/** Rows whose own time is further off than that were stamped by another clock or zone. */
const farOffUs = 5_000_000;

/**
 * NVIDIA GPUs through `nvidia-smi --query-gpu -lms`, in a process of its own: power, utilisation,
 * memory, clock and what holds it back. Of the machine's GPUs those on which a program computes when
 * the run begins; all of them where none is to be seen (in some containers).
 *
 * @returns the probe, or in words why there is none
 */
export async function openNvidiaProbe(options: NvidiaProbeOptions): Promise<PowerProbe | string> {
  const { clock, originUs, intervalMs = 100, smi = createSmi() } = options;
  const found = await listDevices(smi);
  if (typeof found === 'string') return `nvidia-smi: ${found}`;
  const busy = found.filter(({ processes }) => processes.length > 0);
  const devices = busy.length > 0 ? busy : found;
  const fields = await usableFields(smi);
  if (typeof fields === 'string') return `nvidia-smi: ${fields}`;
  const powerField = fields.find((field) => field.startsWith('power.draw'));
  if (powerField === undefined) return 'nvidia-smi: this driver tells no power';

  const wallOffsetUs = clock.wallMs() * 1000 - clock.nowUs();
  const arrived: PowerSample[] = [];
  let open = new Map<string, PowerReading>();
  let openAtUs = 0;
  let lost: string | null = null;
  const onLine = (line: string): void => {
    const row = smiRow(line, fields);
    const device = devices.find(({ uuid }) => uuid !== null && uuid === row?.['uuid']?.trim());
    if (row === null || device === undefined) return;
    if (open.size === 0) openAtUs = timeOf(row['timestamp'], clock, wallOffsetUs) - originUs;
    open.set(device.name, readingOf(row, device.name, powerField));
    if (open.size < devices.length) return;
    const readings = devices.map(({ name }) => open.get(name) as PowerReading);
    arrived.push({ atUs: Math.round(openAtUs), readings });
    open = new Map();
  };
  const loop = smi.loop(
    [
      `--query-gpu=${fields.join(',')}`,
      '--format=csv,noheader',
      ...['-i', devices.map(({ uuid }) => uuid).join(',')],
      ...['-lms', String(intervalMs)],
    ],
    onLine,
    (problem) => {
      lost = `nvidia-smi: ${problem}`;
    },
  );
  const names = devices.map(({ name, model }) => `${name} ${model}`).join(', ');
  const which = busy.length > 0 ? 'those with a program on them' : 'all that there are';
  return {
    id: 'nvidia-smi',
    covers: `${devices.length} of ${found.length} GPUs, ${which} (${names}): whole boards, whatever runs on them; not the host`,
    method: `${powerField} every ${intervalMs} ms, trapezoid rule`,
    devices,
    read: async () => arrived.splice(0),
    lost: () => lost,
    close: () => loop.stop(),
  };
}

async function listDevices(smi: Smi): Promise<PowerDevice[] | string> {
  const fields = ['index', 'uuid', 'name', 'driver_version', 'memory.total', 'power.limit'];
  const asked = await smi.once([`--query-gpu=${fields.join(',')}`, '--format=csv,noheader']);
  if ('problem' in asked) return asked.problem;
  const apps = ['gpu_uuid', 'pid', 'process_name', 'used_memory'];
  const running = await smi.once([
    `--query-compute-apps=${apps.join(',')}`,
    '--format=csv,noheader',
  ]);
  const programs = rowsOf('text' in running ? running.text : '', apps);
  const devices = rowsOf(asked.text, fields).map((row): PowerDevice => {
    const uuid = smiText(row['uuid']);
    return {
      name: `gpu-${smiText(row['index']) ?? '?'}`,
      uuid,
      model: smiText(row['name']) ?? 'unknown model',
      driver: smiText(row['driver_version']),
      memoryBytes: smiBytes(row['memory.total']),
      powerLimitW: smiNumber(row['power.limit']),
      processes: programs.flatMap((program) =>
        uuid !== null && smiText(program['gpu_uuid']) === uuid
          ? [
              {
                pid: smiNumber(program['pid']) ?? 0,
                name: smiText(program['process_name']) ?? 'unknown',
                memoryBytes: smiBytes(program['used_memory']),
              },
            ]
          : [],
      ),
    };
  });
  return devices.length === 0 ? 'it lists no GPU' : devices;
}

/** Asks once, and does with older names or without what this driver refuses. */
async function usableFields(smi: Smi): Promise<string[] | string> {
  let fields: string[] = fieldNames.map(([wanted]) => wanted);
  for (let attempt = 0; attempt <= 2 * fieldNames.length; attempt++) {
    const asked = await smi.once([`--query-gpu=${fields.join(',')}`, '--format=csv,noheader']);
    if ('text' in asked) return fields;
    const refused = /^Field "(.+)" is not a valid field/.exec(asked.problem)?.[1];
    if (refused === undefined || !fields.includes(refused)) return asked.problem;
    const older = fieldNames.find(([wanted]) => wanted === refused)?.[1] ?? null;
    fields = fields.flatMap((field) =>
      field !== refused ? [field] : older === null ? [] : [older],
    );
  }
  return 'it refuses every field';
}

function rowsOf(text: string, fields: readonly string[]): Record<string, string>[] {
  return text
    .split('\n')
    .map((line) => smiRow(line.trim(), fields))
    .filter((row) => row !== null);
}

/** The row's own time on the clock; the arrival where that is far off. */
function timeOf(cell: string | undefined, clock: Clock, wallOffsetUs: number): number {
  const nowUs = clock.nowUs();
  const wallMs = smiTimeMs(cell);
  const atUs = wallMs === null ? nowUs : wallMs * 1000 - wallOffsetUs;
  return Math.abs(atUs - nowUs) > farOffUs ? nowUs : atUs;
}

function readingOf(row: Record<string, string>, name: string, powerField: string): PowerReading {
  const percent = smiNumber(row['utilization.gpu']);
  return {
    name,
    watts: smiNumber(row[powerField]),
    energyJ: null,
    device: {
      busyShare: percent === null ? null : percent / 100,
      memoryUsedBytes: smiBytes(row['memory.used']),
      clockMhz: smiNumber(row['clocks.sm']),
      temperatureC: smiNumber(row['temperature.gpu']),
      clockLimits: smiClockLimits(
        row['clocks_event_reasons.active'] ?? row['clocks_throttle_reasons.active'],
      ),
    },
  };
}
