import { expect, it } from 'vitest';
import type { HeldLimit } from '../../model/index.ts';
import { createGroundLog } from './ground.ts';

const GiB = 1024 ** 3;
const limits = { cpus: 2, memoryGiB: 4, accelerator: null, network: false };
const ground = (changes: Partial<Parameters<typeof createGroundLog>[0]> = {}) =>
  createGroundLog({
    sandbox: { id: 'bubblewrap', isolates: true },
    limits,
    clientCpus: '2-7',
    machine: { cpus: 8, memoryBytes: 16 * GiB, accelerator: null },
    ...changes,
  });
const memory = (more: Partial<HeldLimit> = {}): HeldLimit => ({
  ...{ limit: 'memoryBytes', asked: 4 * GiB, by: 'cgroup-v2', reached: false },
  ...more,
});

it('has nothing to say where every limit was held by the kernel, alike for both', () => {
  const log = ground();
  log.add('server', [memory()]);
  log.add('server', [memory()]);
  log.add('reference', [memory()]);
  log.computesOn('cpu');
  expect(log.read()).toEqual({
    accelerator: { wanted: null, present: null, referenceOn: 'cpu' },
    ...{ sandbox: 'bubblewrap', sandboxed: true, clientCpus: '2-7', notes: [] },
    ...{ server: [memory()], reference: [memory()] },
  });
});

it('keeps the worst of several launches', () => {
  const log = ground();
  log.add('server', [memory()]);
  log.add('server', [memory({ by: 'none', reached: true })]);
  log.add('server', [memory({ reached: null })]);
  expect(log.read().server).toEqual([memory({ by: 'none', reached: true })]);
  expect(log.read().reference).toBeNull();
});

it('says what the machine lacks, what nobody held, and what differs between the sides', () => {
  const log = ground({
    clientCpus: null,
    limits: { cpus: 16, memoryGiB: 180, accelerator: '1x GPU', network: false },
  });
  log.add('server', [memory({ by: 'none' }), memory({ limit: 'cpuset', by: 'affinity' })]);
  log.add('reference', [memory({ by: 'watched', reached: true })]);
  expect(log.read().notes).toEqual([
    "the scenario's limit is 16 CPUs, this machine has 8",
    "the scenario's limit is 180 GiB of memory, this machine has 16.0",
    'the scenario is made for 1x GPU: nothing limits accelerators',
    'nobody held the limit of memory of the server',
    'the CPU set of the server is an affinity, which a program can change',
    'the reference reached its limit of memory',
    'the memory of the server was held by none, of the reference by watched',
    'the load client shares the CPUs of the server',
  ]);
});
