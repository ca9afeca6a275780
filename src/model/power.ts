/** What a probe reads of one domain: a GPU, a CPU package. Null = it could not be read. */
export interface PowerReading {
  /** Unique within the probe: `package-0`, `gpu-0`. */
  name: string;
  /** Power at this moment, watts. */
  watts: number | null;
  /** A counter that only grows, joules since the probe was opened; preferred where there is one. */
  energyJ: number | null;
  /** What else the device tells; absent where it is none. */
  device?: DeviceReading;
}

/** State of an accelerator at one moment. Null = it does not say. */
export interface DeviceReading {
  /** Share of the time since the look before in which a kernel ran, 0 to 1. */
  busyShare: number | null;
  memoryUsedBytes: number | null;
  clockMhz: number | null;
  temperatureC: number | null;
  /** Why the clock is not higher, by NVML's names; empty: nothing holds it back. */
  clockLimits: string[] | null;
}

/** All domains of a probe at one moment. */
export interface PowerSample {
  /** Microseconds since the run's origin. */
  atUs: number;
  readings: PowerReading[];
}

/** Something that tells what the system under test draws. */
export interface PowerProbe {
  /** `rapl`, `nvidia-smi`, `dcgm`. */
  readonly id: string;
  /** What the figure covers and what it leaves out, for the result. */
  readonly covers: string;
  /** How the figure is come by: counter or integral, and of what. */
  readonly method: string;
  /** The devices it reads, where they are devices. */
  readonly devices?: readonly PowerDevice[];
  /** What came since the last call, in order of time: always the same domains in the same order. */
  read(): Promise<PowerSample[]>;
  /** Why nothing comes any more; null while it does. */
  lost(): string | null;
  close(): Promise<void>;
}

/** One device that a probe reads. */
export interface PowerDevice {
  /** As in the readings: `gpu-0`. */
  name: string;
  uuid: string | null;
  /** `NVIDIA H200`. */
  model: string;
  driver: string | null;
  memoryBytes: number | null;
  powerLimitW: number | null;
  /** Programs that were on it when the run began. */
  processes: { pid: number; name: string; memoryBytes: number | null }[];
}

/** Energy over a level's rate span: from the start of the counted window to its last end. */
export interface LevelPower {
  /** Sum over the domains; null with a reason. */
  avgW: number | null;
  energyJ: number | null;
  /** Mean watts of each domain. */
  domainsW: Record<string, number | null>;
  samples: number;
  /** Why there is no figure; null where there is one. */
  reason: string | null;
  /** Of each domain that is a device; absent where none is. */
  devices?: Record<string, LevelDevice>;
}

/** A device over a level. Null = it does not say. */
export interface LevelDevice {
  busyShare: number | null;
  memoryUsedMaxBytes: number | null;
  clockMeanMhz: number | null;
  clockMinMhz: number | null;
  temperatureMaxC: number | null;
  /** Share of the looks at which a reason held the clock back, by reason; null: it does not say. */
  clockLimits: Record<string, number> | null;
}

/** Which probe watched the run. */
export interface PowerInfo {
  probe: string | null;
  covers: string | null;
  /** Why there was none; null where there was. */
  reason: string | null;
  /** Absent where no probe was. */
  method?: string;
  devices?: PowerDevice[];
}
