import { expect, it } from 'vitest';
import { acceleratorArguments } from './accelerators.ts';
import { viewArguments } from './view.ts';

const listing = (folders: Record<string, string[]>) => async (path: string) => folders[path] ?? [];
const bound = (args: readonly string[], flag: string) =>
  args.flatMap((arg, at) => (arg === flag ? [args[at + 1]] : []));
const view = (accelerators: boolean, list: (path: string) => Promise<string[]>) =>
  viewArguments({
    ...{ workspace: { from: '/a', to: '/workspace' }, readOnly: [], temporaryBytes: null },
    ...{ firstFd: 4, accelerators },
    listDevices: list,
  });

const nvidia = listing({
  '/dev': [
    ...['null', 'nvidia1', 'nvidia0', 'nvidiactl', 'nvidia-uvm', 'nvidia-uvm-tools', 'sda', 'tty'],
    ...['nvidia-modeset', 'nvidia-caps', 'dri', 'kvm', 'mem', 'nvidia-fs0', 'nvram'],
  ],
  '/dev/nvidia-caps': ['nvidia-cap1', 'nvidia-cap2'],
  '/dev/dri': [],
  '/sys/devices': ['pci0000:00', 'system', 'pci0001:80', 'virtual'],
});

it('shows the devices of NVIDIA that there are, and what CUDA reads of them, to be read only', async () => {
  const args = await acceleratorArguments(nvidia);
  expect(bound(args, '--dev-bind')).toEqual([
    ...['/dev/nvidia-modeset', '/dev/nvidia-uvm', '/dev/nvidia-uvm-tools', '/dev/nvidia0'],
    ...['/dev/nvidia1', '/dev/nvidiactl', '/dev/nvidia-caps'],
  ]);
  expect(bound(args, '--ro-bind-try')).toEqual(
    expect.arrayContaining(['/sys/bus/pci', '/sys/devices/pci0000:00', '/sys/devices/pci0001:80']),
  );
  expect(bound(args, '--ro-bind-try')).not.toContain('/sys/devices/system');
});

it("shows AMD's", async () => {
  const amd = listing({ '/dev': ['kfd', 'dri'], '/dev/dri': ['card0', 'renderD128'] });
  const args = await acceleratorArguments(amd);
  expect(bound(args, '--dev-bind')).toEqual(['/dev/kfd', '/dev/dri']);
  expect(bound(args, '--ro-bind-try')).toContain('/opt/rocm');
});

it('shows nothing where there is none', async () => {
  expect(await acceleratorArguments(listing({ '/dev': ['null', 'tty0', 'dri'] }))).toEqual([]);
});

it('shows none to a program that is not meant to have one', async () => {
  expect(bound(await view(false, nvidia), '--dev-bind')).toEqual(
    ['null', 'zero', 'full', 'random', 'urandom'].map((name) => `/dev/${name}`),
  );
  const args = await view(true, nvidia);
  expect(bound(args, '--dev-bind')).toContain('/dev/nvidia0');
  // Into a /dev that was made before, and before it is closed.
  const at = args.indexOf('/dev/nvidia0');
  expect(args.findIndex((arg, i) => arg === '/dev' && args[i - 1] === '--tmpfs')).toBeLessThan(at);
  expect(
    args.findIndex((arg, i) => arg === '/dev' && args[i - 1] === '--remount-ro'),
  ).toBeGreaterThan(at);
});
