/** The machine that `bench` runs on, at one moment. Null: this system does not tell. */
export interface MachineReading {
  /** Accumulated times of all cores, in any one unit. */
  times: { busy: number; stolen: number; total: number } | null;
  memoryAvailableBytes: number | null;
  /** Clock of the cores, mean and least, MHz. */
  clockMeanMhz: number | null;
  clockMinMhz: number | null;
  /** Counter: times that heat or power held a core back. */
  throttleEvents: number | null;
}

export interface MachineSample {
  /** Microseconds since the run's origin. */
  atUs: number;
  reading: MachineReading;
}

/** That machine over a level's rate span. Null: it does not tell. */
export interface LevelMachine {
  /** Of all cores, every process, 0 to 1. */
  busyShare: number | null;
  /** What a hypervisor took away, 0 to 1. */
  stolenShare: number | null;
  memoryAvailableMinBytes: number | null;
  clockMeanMhz: number | null;
  clockMinMhz: number | null;
  throttleEvents: number | null;
}
