import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Case } from './case.ts';
import {
  assertGone,
  python,
  reportOf,
  runRig,
  type SandboxSubject,
  shell,
  startRig,
  until,
} from './sandbox-rig.ts';

const MiB = 1 << 20;
const none = { memoryBytes: null, cpus: null, cpuset: null, processes: null, diskBytes: null };

/** Forks until the kernel says no, and keeps at it. */
const forkBomb = `
import os, time
n = 0
while True:
    try:
        if os.fork() == 0:
            while True: time.sleep(100)
        n += 1
    except OSError:
        open('refused', 'w').write(str(n))
        time.sleep(0.01)
    if n > 2000:
        open('unlimited', 'w').write(str(n))
        break
`;

const eatMemory = `
held = []
while len(held) < 1024:
    held.append(bytearray(1 << 20))
    for at in range(0, 1 << 20, 4096): held[-1][at] = 1
print('ate it all')
`;

/** Fills the folder of its argument. */
const fillFolder = (folder: string) => `
import os, sys
try:
    with open(${folder}, 'wb', 0) as file:
        for _ in range(400): file.write(bytes(1 << 20))
    print('wrote it all')
except OSError as error:
    print('refused', error.errno)
`;

export const sandboxLimitCases: readonly Case<SandboxSubject>[] = [
  {
    name: 'holds the number of processes of a fork bomb, and ends them all',
    async run(subject) {
      const limits = { ...none, processes: 40 };
      const rig = await startRig(subject, python(forkBomb), { limits });
      const refused = join(rig.workspace, 'refused');
      await until('a refusal', () => existsSync(refused) && readFileSync(refused, 'utf8') !== '');
      assert.ok(Number(readFileSync(refused, 'utf8')) < 40);
      assert.ok(!existsSync(join(rig.workspace, 'unlimited')));
      const receipt = await rig.stop(0);
      assertGone(rig, receipt);
      const report = reportOf(receipt, 'processes');
      assert.equal(report.asked, 40);
      assert.notEqual(report.by, 'none');
      assert.notEqual(report.reached, false);
    },
  },
  {
    name: 'ends a program that takes more memory than it may, and goes on',
    async run(subject) {
      const limits = { ...none, memoryBytes: 128 * MiB };
      const { code, text, receipt } = await runRig(subject, python(eatMemory), { limits });
      assert.notEqual(code, 0);
      assert.ok(!text.includes('ate it all'), text);
      const report = reportOf(receipt, 'memoryBytes');
      assert.equal(report.reached, true);
      assert.notEqual(report.by, 'none');
      const small = await runRig(subject, shell('exit 0'), { limits });
      assert.equal(reportOf(small.receipt, 'memoryBytes').reached, false);
    },
  },
  {
    name: 'ends a program that fills the disk, or refuses it the space',
    async run(subject) {
      const limits = { ...none, diskBytes: 16 * MiB };
      const fill = fillFolder("'filled'");
      const rig = await startRig(subject, python(`${fill}\nimport time\ntime.sleep(1000)`), {
        limits,
      });
      await rig.sandboxed.exited;
      const receipt = await rig.stop();
      assertGone(rig, receipt);
      const report = reportOf(receipt, 'diskBytes');
      assert.equal(report.reached, true);
      assert.equal(report.by, 'watched');
      const small = await runRig(subject, shell('echo little >file'), { limits });
      assert.equal(small.code, 0);
      assert.equal(reportOf(small.receipt, 'diskBytes').reached, false);
    },
  },
  {
    name: 'reports every limit that was asked for, and no other',
    async run(subject) {
      const limits = {
        memoryBytes: 512 * MiB,
        cpus: 1,
        cpuset: '0',
        processes: 50,
        diskBytes: MiB,
      };
      const program = shell('grep Cpus_allowed_list /proc/self/status');
      const { text, receipt } = await runRig(subject, program, { limits });
      assert.match(text, /Cpus_allowed_list:\s+0\n/);
      const asked = Object.fromEntries(receipt.limits.map((one) => [one.limit, one.asked]));
      assert.deepEqual(asked, limits);
      // Who runs on one CPU has no more than its time.
      assert.notEqual(reportOf(receipt, 'cpus').by, 'none');
      const free = await runRig(subject, shell('exit 0'));
      assert.deepEqual(free.receipt.limits, []);
    },
  },
];

/** Of temporary folders, which only a sandbox has for itself. */
export const fillTemporary = (folder: string) => python(fillFolder(folder));
