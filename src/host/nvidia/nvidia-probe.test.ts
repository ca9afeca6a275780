import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { PowerProbe } from '../../model/index.ts';
import { createMonotonicClock } from '../monotonic-clock.ts';
import { openNvidiaProbe } from './nvidia-probe.ts';
import { createSmi, type Smi } from './run-smi.ts';
import { smiClockLimits, smiNumber, smiRow, smiText, smiTimeMs } from './smi-csv.ts';

const fixture = (name: string) =>
  readFileSync(new URL(`../../../test/fixtures/nvidia/${name}`, import.meta.url), 'utf8').trim();

/** The recorded loop as rows by the names that its query used (`clocks.sm` is headed otherwise). */
const headed: Record<string, string> = {
  'clocks.sm': 'clocks.current.sm',
  'clocks.mem': 'clocks.current.memory',
};
function recordedRows(name = 'loop.csv') {
  const [head = '', ...lines] = fixture(name).split('\n');
  const fields = head.split(', ').map((field) => field.replace(/ \[.*\]$/, ''));
  return lines.map((line) => smiRow(line, fields)).filter((row) => row !== null);
}
const cell = (row: Record<string, string>, field: string) => row[headed[field] ?? field] ?? '';

interface FakeSmi {
  smi: Smi;
  clock: { nowUs(): number; wallMs(): number; sleepUntil(): Promise<void> };
  /** The recorded loop, line by line. */
  play(): void;
  end(problem: string): void;
}

/** nvidia-smi as recorded: every query answered from its rows, one card or several alike. */
function fakeSmi(
  options: { refuses?: string[]; alter?: (cell: string, f: string) => string } = {},
) {
  const { refuses = [], alter = (text) => text } = options;
  const rows = recordedRows();
  const startMs = smiTimeMs(rows[0]?.['timestamp']) ?? 0;
  let nowUs = 0;
  let emit: (line: string) => void = () => {};
  let end: (problem: string) => void = () => {};
  let fields: string[] = [];
  const asked = (args: readonly string[]) => (args[0] ?? '').split('=')[1]?.split(',') ?? [];
  const smi: Smi = {
    async once(args) {
      if (args[0]?.startsWith('--query-compute-apps')) {
        const [, ...apps] = fixture('compute-apps.csv').split('\n');
        // pid, name, memory, uuid as recorded; asked for with the uuid first.
        return { text: apps.map((line) => line.replace(/^(.*), (GPU-\S+)$/, '$2, $1')).join('\n') };
      }
      const bad = asked(args).find((field) => refuses.includes(field));
      const says = fixture('bad-field.txt').split('\n')[0] ?? '';
      if (bad !== undefined) return { problem: says.replace('total_energy_consumption', bad) };
      const [row = {}] = recordedRows('query-once.csv');
      return {
        text: asked(args)
          .map((field) => cell(row, field))
          .join(', '),
      };
    },
    loop(args, onLine, onEnd) {
      fields = asked(args);
      [emit, end] = [onLine, onEnd];
      return { stop: async () => {} };
    },
  };
  const fake: FakeSmi = {
    smi,
    clock: { nowUs: () => nowUs, wallMs: () => startMs + nowUs / 1000, sleepUntil: async () => {} },
    play() {
      for (const row of rows) {
        nowUs = ((smiTimeMs(row['timestamp']) ?? 0) - startMs) * 1000;
        emit(fields.map((field) => alter(cell(row, field), field)).join(', '));
      }
    },
    end: (problem) => end(problem),
  };
  return fake;
}

async function open({ smi, clock }: FakeSmi): Promise<PowerProbe> {
  const probe = await openNvidiaProbe({ clock, originUs: 0, smi });
  if (typeof probe === 'string') throw new Error(probe);
  return probe;
}

/** Joules by the trapezoid rule over [fromS, toS]. */
function joules(points: readonly { atS: number; watts: number }[], fromS: number, toS: number) {
  let sum = 0;
  for (let i = 1; i < points.length; i++) {
    const [a, b] = [points[i - 1], points[i]];
    if (a === undefined || b === undefined) continue;
    const [x, y] = [Math.max(a.atS, fromS), Math.min(b.atS, toS)];
    if (y <= x) continue;
    const at = (s: number) => a.watts + ((b.watts - a.watts) * (s - a.atS)) / (b.atS - a.atS);
    sum += ((at(x) + at(y)) / 2) * (y - x);
  }
  return sum;
}

/** The energy counter of NVML beside the loop, joules, seconds since the loop's first row (UTC). */
function counterJ(fromS: number, toS: number): number {
  const [first] = recordedRows();
  const [day = '', time = ''] = (first?.['timestamp'] ?? '').split(' ');
  const startMs = Date.parse(`${day.replaceAll('/', '-')}T${time}Z`);
  const points = fixture('nvml.csv')
    .split('\n')
    .slice(1)
    .map((line) => line.split(',').map(Number))
    .map(([unixS = 0, , mJ = 0]) => ({ atS: unixS - startMs / 1000, energyJ: mJ / 1000 }));
  const at = (s: number) => {
    const i = points.findIndex(({ atS }) => atS >= s);
    const [a, b] = [points[i - 1], points[i]];
    if (a === undefined || b === undefined) throw new Error(`no counter at ${s}`);
    return a.energyJ + ((b.energyJ - a.energyJ) * (s - a.atS)) / (b.atS - a.atS);
  };
  return at(toS) - at(fromS);
}

/** As recorded in no-such-gpu.txt. */
const noDevices = async () => ({ problem: fixture('no-such-gpu.txt').split('\n')[0] ?? '' });

describe('openNvidiaProbe', () => {
  it('agrees with the energy counter that was recorded beside it', async () => {
    const fake = fakeSmi();
    const probe = await open(fake);
    fake.play();
    const points = (await probe.read()).map(({ atUs, readings }) => ({
      atS: atUs / 1e6,
      watts: readings[0]?.watts ?? Number.NaN,
    }));
    expect(points.length).toBe(recordedRows().length);
    // Idle, the load but its edges, the load with them, and idle again.
    for (const [fromS, toS] of [
      [6.2, 10],
      [11.2, 20.2],
      [10.5, 21.5],
      [22, 25.5],
    ] as const) {
      const error = joules(points, fromS, toS) / counterJ(fromS, toS) - 1;
      expect(Math.abs(error), `${fromS} to ${toS} s`).toBeLessThan(0.01);
    }
  });

  it('takes the power of the moment: the mean over a second is 3 % off over a load of 9 s', async () => {
    const fake = fakeSmi({ refuses: ['power.draw.instant'] });
    const probe = await open(fake);
    expect(probe.method).toContain('power.draw every');
    fake.play();
    const points = (await probe.read()).map(({ atUs, readings }) => ({
      atS: atUs / 1e6,
      watts: readings[0]?.watts ?? Number.NaN,
    }));
    expect(joules(points, 11.2, 20.2) / counterJ(11.2, 20.2)).toBeLessThan(0.97);
  });

  it('names the device, its programs and what it says', async () => {
    const fake = fakeSmi();
    const probe = await open(fake);
    expect(probe.id).toBe('nvidia-smi');
    expect(probe.covers).toContain('1 of 1 GPUs, those with a program on them (gpu-0 NVIDIA H200)');
    expect(probe.devices).toEqual([
      {
        name: 'gpu-0',
        uuid: 'GPU-6a705239-f365-751a-3d66-d218a4992356',
        model: 'NVIDIA H200',
        driver: '580.159.04',
        memoryBytes: 143_771 * 2 ** 20,
        powerLimitW: 700,
        processes: [{ pid: 455, name: 'python3', memoryBytes: 1002 * 2 ** 20 }],
      },
    ]);
    fake.play();
    const busy = (await probe.read()).find(({ atUs }) => atUs / 1e6 > 16);
    expect(busy?.readings[0]?.device).toMatchObject({
      ...{ busyShare: 0.99, memoryUsedBytes: expect.any(Number) },
      clockLimits: ['sw_power_cap'],
    });
    fake.end('GPU is lost');
    expect(probe.lost()).toBe('nvidia-smi: GPU is lost');
  });

  it('leaves null what a card does not tell', async () => {
    const silent = ['utilization.gpu', 'power.draw.instant', 'clocks_event_reasons.active'];
    const fake = fakeSmi({
      alter: (text, field) => (silent.includes(field) ? '[N/A]' : text),
    });
    const probe = await open(fake);
    fake.play();
    const [first] = await probe.read();
    expect(first?.readings[0]).toMatchObject({
      watts: null,
      energyJ: null,
      device: { busyShare: null, clockLimits: null, memoryUsedBytes: 0, clockMhz: 345 },
    });
  });

  it('does with older names and without what a driver refuses', async () => {
    const refuses = ['clocks_event_reasons.active', 'clocks_throttle_reasons.active'];
    const fake = fakeSmi({ refuses });
    const probe = await open(fake);
    fake.play();
    expect((await probe.read())[0]?.readings[0]?.device?.clockLimits).toBeNull();
    const none = fakeSmi({ refuses: ['power.draw.instant', 'power.draw'] });
    expect(await openNvidiaProbe({ ...none, originUs: 0 })).toContain('tells no power');
  });

  it.each([
    ['no such program', createSmi('/nowhere/nvidia-smi'), 'ENOENT'],
    ['no device', { ...fakeSmi().smi, once: noDevices }, 'No devices were found'],
  ])('says why there is no probe: %s', async (_, smi, why) => {
    const clock = createMonotonicClock();
    expect(await openNvidiaProbe({ clock, originUs: 0, smi })).toContain(why);
  });

  it('runs in a process of its own that ends with it', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'bench-smi-'));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    const path = join(dir, 'nvidia-smi');
    const [row = {}] = recordedRows('query-once.csv');
    const once = (fields: string) =>
      fields
        .split(',')
        .map((field) => cell(row, field))
        .join(', ');
    const info = once('index,uuid,name,driver_version,memory.total,power.limit');
    const look = once(
      'timestamp,uuid,power.draw.instant,utilization.gpu,memory.used,clocks.sm,temperature.gpu,clocks_event_reasons.active',
    );
    writeFileSync(
      path,
      `#!/bin/sh
case "$*" in
  *compute-apps*) ;;
  *-lms*) echo $$ > '${dir}/pid'; while :; do echo '${look}'; sleep 0.02; done ;;
  *index*) echo '${info}' ;;
  *) echo '${look}' ;;
esac
`,
    );
    chmodSync(path, 0o755);
    const clock = createMonotonicClock();
    const probe = await openNvidiaProbe({ clock, originUs: clock.nowUs(), smi: createSmi(path) });
    if (typeof probe === 'string') throw new Error(probe);
    expect(probe.covers).toContain('all that there are');
    let samples = await probe.read();
    while (samples.length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      samples = await probe.read();
    }
    // The recorded time is not of this clock: the arrival counts.
    expect(samples[0]?.atUs).toBeGreaterThan(0);
    expect(samples[0]?.readings[0]?.watts).toBeCloseTo(81.16, 9);
    const pid = Number(readFileSync(join(dir, 'pid'), 'utf8'));
    await probe.close();
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(probe.lost()).toBeNull();
  });
});

describe('cells of nvidia-smi', () => {
  it('are null where a card does not say, never 0', () => {
    for (const text of ['[N/A]', '[Not Supported]', '[Unknown Error]', 'N/A', '', undefined]) {
      expect(smiText(text)).toBeNull();
      expect(smiNumber(text)).toBeNull();
      expect(smiClockLimits(text)).toBeNull();
    }
    expect(smiNumber('81.16 W')).toBe(81.16);
    expect(smiNumber('0 %')).toBe(0);
    expect(smiClockLimits('0x0000000000000001')).toEqual([]);
    expect(smiClockLimits('0x0000000000000228')).toEqual([
      ...['hw_slowdown', 'sw_thermal_slowdown', '0x200'],
    ]);
    expect(smiTimeMs('2026/11/28 01:46:21.864')).toBe(
      new Date(2026, 10, 28, 1, 46, 21, 864).getTime(),
    );
    expect(smiTimeMs('yesterday')).toBeNull();
  });
});
