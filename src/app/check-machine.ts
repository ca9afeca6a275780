import type { Environment, Finding } from '../model/index.ts';
import type { RunSettings } from './settings.ts';

/** What this machine has left, read before any load. Null: it cannot be told. */
export interface MachineRoom {
  openFileLimit: number | null;
  freeDiskBytes: number | null;
  /** Smallest step of the clock that stamps. */
  clockStepUs: number;
}

/** Files that are open besides the sockets of requests. */
const otherFiles = 64;
/** Threads, pipes, modules and the result's files come near half of this on their own. */
const fewestFiles = 256;
/** Times of tokens are a few milliseconds: a hundredth of that is fine enough. */
export const coarseClockUs = 50;
const littleDiskBytes = 200e6;
/** `requests.jsonl` and `chunks.bin`, generously. */
const bytesPerRequest = 1000;
const bytesPerToken = 4;

/**
 * Whether this machine can carry the load that was asked for: doubts that are better known before
 * the run than explained after it.
 */
export function checkMachine(
  settings: RunSettings,
  outputTokens: number,
  environment: Pick<Environment, 'loadAverage1' | 'cpuCount'>,
  room: MachineRoom,
): Finding[] {
  const findings: Finding[] = [];
  const sockets = Math.max(0, ...(settings.maxConcurrency ?? []), ...(settings.concurrency ?? []));
  const files = Math.max(fewestFiles, sockets + otherFiles);
  if (room.openFileLimit !== null && files > room.openFileLimit) {
    // An open loop has as many in flight as the server makes of it.
    const who = sockets === 0 ? 'requests' : `${sockets} requests`;
    findings.push({
      code: 'open-files-low',
      severity: 'warning',
      message: `${who} in flight need a connection each, but this process may open ${room.openFileLimit} files; raise it with: ulimit -n ${2 ** Math.ceil(Math.log2(files))}`,
    });
  }
  const requests =
    settings.requests ?? (settings.duration ?? 60) * Math.max(0, ...(settings.rate ?? []));
  const levels = (settings.rate ?? settings.concurrency ?? settings.maxConcurrency ?? []).length;
  const needed = levels * requests * (bytesPerRequest + bytesPerToken * outputTokens);
  if (room.freeDiskBytes !== null && room.freeDiskBytes < Math.max(littleDiskBytes, needed)) {
    findings.push({
      code: 'disk-space-low',
      severity: 'warning',
      message: `${megabytes(room.freeDiskBytes)} are free where the result goes, and the records of this run may take ${megabytes(needed)}; make room, or choose another --output.`,
    });
  }
  if (room.clockStepUs > coarseClockUs) {
    findings.push({
      code: 'clock-coarse',
      severity: 'warning',
      message: `this machine's clock advances in steps of ${Math.round(room.clockStepUs)} µs: every time is as coarse as that. Measure from another machine.`,
    });
  }
  const { loadAverage1, cpuCount } = environment;
  if (loadAverage1 !== null && loadAverage1 > cpuCount / 2) {
    findings.push({
      code: 'machine-busy',
      severity: 'warning',
      message: `the load average was ${loadAverage1.toFixed(2)} on ${cpuCount} CPUs before the run began: other programs were busy, and timings may be theirs. Stop them, or wait.`,
    });
  }
  return findings;
}

const megabytes = (bytes: number) => `${Math.max(1, Math.round(bytes / 1e6))} MB`;
