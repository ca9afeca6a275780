/**
 * Engine threads that leave the client a core where there are two or more: a busy process beside
 * threads on every core slowed llama.cpp down 20-fold. Above eight logical CPUs half are taken,
 * since they usually are second hardware threads, which do not speed matrix products up.
 */
export function chooseThreads(cpuCount: number): number {
  if (cpuCount <= 8) return Math.max(1, cpuCount - 1);
  return Math.max(7, Math.floor(cpuCount / 2));
}
