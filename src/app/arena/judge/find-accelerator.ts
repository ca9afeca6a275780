import { readdir } from 'node:fs/promises';

/** The first accelerator of this machine, by the devices of Linux' drivers: NVIDIA, AMD, graphics of any maker, others. */
export async function findAccelerator(): Promise<string | null> {
  const named = async (dir: string, pattern: RegExp) =>
    (await readdir(dir).catch(() => [])).find((name) => pattern.test(name));
  const found =
    (await named('/dev', /^(nvidia\d+|kfd|dxg|accel\d+|davinci\d+)$/)) ??
    (await named('/dev/dri', /^renderD\d+$/)) ??
    (await named('/dev/accel', /^accel\d+$/));
  return found ?? null;
}
