import { readdir } from 'node:fs/promises';

/** Names in a folder of this machine; empty where there is none. */
export type ListFolder = (path: string) => Promise<string[]>;

const listFolder: ListFolder = (path) => readdir(path).catch(() => []);

/** Device files and folders of NVIDIA's and AMD's drivers, and of graphics cards of any maker. */
const deviceName = /^(nvidia\d+|nvidiactl|nvidia-uvm|nvidia-uvm-tools|nvidia-modeset|kfd)$/;
const deviceFolders = ['nvidia-caps', 'dri'];
/** What their libraries read to find them; /proc/driver is in every /proc. */
const facts = [
  ...['/sys/bus/pci', '/sys/class/drm', '/sys/class/kfd', '/sys/devices/virtual/kfd'],
  ...['/sys/module/nvidia', '/sys/module/nvidia_uvm', '/sys/module/amdgpu', '/opt/rocm'],
];

/**
 * Accelerators of this machine as arguments of bwrap, behind those that make /dev: the devices that
 * there are, and read-only what CUDA and ROCm read of them. Empty where there is none.
 */
export async function acceleratorArguments(list: ListFolder = listFolder): Promise<string[]> {
  const names = (await list('/dev')).toSorted();
  const devices = names.filter((name) => deviceName.test(name));
  for (const folder of deviceFolders) {
    if (names.includes(folder) && (await list(`/dev/${folder}`)).length > 0) devices.push(folder);
  }
  if (devices.length === 0) return [];
  // /sys/bus/pci has links into these.
  const buses = (await list('/sys/devices')).filter((name) => /^pci[0-9a-f]{4}:/.test(name));
  const read = [...facts, ...buses.toSorted().map((name) => `/sys/devices/${name}`)];
  return [
    ...devices.flatMap((name) => ['--dev-bind', `/dev/${name}`, `/dev/${name}`]),
    ...read.flatMap((path) => ['--ro-bind-try', path, path]),
  ];
}
