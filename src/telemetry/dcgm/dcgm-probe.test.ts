import { expect, it } from 'vitest';
import type { Clock } from '../../core/index.ts';
import { openDcgmProbe } from './dcgm-probe.ts';

// Names, labels and the blank value after dcgm-exporter's README at 00d6d34 and NVIDIA's page
// "DCGM-Exporter" (an A100 in Kubernetes); values made up. Not recorded by us.
const labels = (gpu: number, more = '') =>
  `{gpu="${gpu}",UUID="GPU-3431958${gpu}",device="nvidia${gpu}",modelName="NVIDIA A100"${more}}`;
const pageOf = (gpus: { watts: number; mJ: number | null }[]) =>
  gpus
    .map(
      ({ watts, mJ }, gpu) => `DCGM_FI_DEV_SM_CLOCK${labels(gpu)} 1215
DCGM_FI_DEV_GPU_TEMP${labels(gpu)} 61
DCGM_FI_DEV_POWER_USAGE${labels(gpu)} ${watts}
DCGM_FI_DEV_POWER_USAGE${labels(gpu, ',GPU_I_ID="1"')} 999
DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION${labels(gpu)} ${mJ ?? '9223372036854775794'}
DCGM_FI_DEV_FB_USED${labels(gpu)} 4845
DCGM_FI_DEV_MEMORY_TEMP${labels(gpu)} 9223372036854775794
`,
    )
    .join('');

async function open(pages: string[]) {
  let us = 0;
  const clock: Clock = { nowUs: () => us, wallMs: () => 0, sleepUntil: async () => {} };
  const page = {
    url: 'http://node:9400/metrics',
    get: async () => pages.shift() ?? Promise.reject(new Error('ECONNREFUSED')),
  };
  const probe = await openDcgmProbe({ page, clock, originUs: 0 });
  if (typeof probe === 'string') throw new Error(probe);
  return {
    probe,
    at(seconds: number) {
      us = seconds * 1e6;
      return probe.read();
    },
  };
}

it('counts the energy of each board from the start on, once a collection', async () => {
  const both = (mJ: number) =>
    pageOf([
      { watts: 409.692, mJ: 319_159_391 + mJ },
      { watts: 100, mJ: 5_000_000 + mJ },
    ]);
  const { probe, at } = await open([both(0), both(0), both(0), both(820_000)]);
  expect(probe.devices?.map(({ name, model }) => [name, model])).toEqual([
    ['gpu-0', 'NVIDIA A100'],
    ['gpu-1', 'NVIDIA A100'],
  ]);
  expect((await at(1))[0]?.readings.map(({ energyJ }) => energyJ)).toEqual([0, 0]);
  // Too soon, then the same again: the exporter has not collected since.
  expect(await at(1.1)).toEqual([]);
  expect(await at(2)).toEqual([]);
  const [sample] = await at(3);
  expect(sample?.atUs).toBe(3e6);
  expect(sample?.readings[0]).toMatchObject({
    ...{ name: 'gpu-0', watts: 409.692, energyJ: 820 },
    device: { clockMhz: 1215, memoryUsedBytes: 4845 * 2 ** 20, busyShare: null, temperatureC: 61 },
  });
  expect(await at(4)).toEqual([]);
  expect(probe.lost()).toContain('ECONNREFUSED');
});

it('takes power where the counter is blank, and says so', async () => {
  const { probe, at } = await open([
    pageOf([{ watts: 300, mJ: null }]),
    pageOf([{ watts: 310, mJ: null }]),
  ]);
  expect(probe.method).toContain('trapezoid');
  expect((await at(1))[0]?.readings[0]).toMatchObject({ watts: 310, energyJ: null });
});

it('says why there is no probe', async () => {
  await expect(open(['up 1\n'])).rejects.toThrow('has no DCGM_FI_DEV_*');
  await expect(open([])).rejects.toThrow('ECONNREFUSED');
});
