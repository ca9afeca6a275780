import { expect, test } from 'vitest';
import { requireDevice } from './reference-device.ts';

const gpu = 'NVIDIA H100 80GB HBM3';
const wanted = '1x NVIDIA H100 80 GB';

test.each([
  [
    'a GPU where the class has none',
    { device: gpu, wanted: null, present: 'nvidia0' },
    /"NVIDIA H100.* has no accelerator/,
  ],
  [
    'the CPU where the server has a GPU',
    { device: 'cpu', wanted, present: 'nvidia0' },
    /can reach nvidia0: .*1x NVIDIA H100/,
  ],
])('refuses a reference on %s', (_, found, message) => {
  expect(() => requireDevice(found)).toThrow(
    expect.objectContaining({ code: 'PREREQ_REFERENCE', message: expect.stringMatching(message) }),
  );
});

test.each([
  ['a GPU on both sides', { device: gpu, wanted, present: 'nvidia0' }],
  ['the CPU on both sides', { device: 'cpu', wanted: null, present: 'nvidia0' }],
  ['a machine without any, which is a doubt', { device: 'cpu', wanted, present: null }],
  ['a reference that does not say', { device: null, wanted: null, present: 'nvidia0' }],
])('takes %s', (_, found) => {
  expect(() => requireDevice(found)).not.toThrow();
});
