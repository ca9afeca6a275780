/** Who says so: a flag, this machine, the server's answers, how the engine was started, the model's name. */
export type FactSource = 'given' | 'machine' | 'server' | 'command-line' | 'model-name';

/** Something known about the system under test, and from where; both null where nobody says. */
export interface Fact<T> {
  value: T | null;
  from: FactSource | null;
}

/**
 * The parts of the methodology article's report sections (hardware, model, engine) that are not
 * elsewhere in the envelope.
 */
export interface SystemInfo {
  /** Name of one GPU; null also on a machine that has none. */
  gpu: Fact<string>;
  /** GPUs that serve the model; 0 = it runs on the CPU. */
  gpuCount: Fact<number>;
  /** Between the GPUs: `NVLink`, `PCIe`, ...; says nothing with fewer than two. */
  interconnect: Fact<string>;
  /** Of one GPU. */
  gpuMemoryBytes: Fact<number>;
  /** Parameters, as names write them: `70B`, `135M`. */
  modelSize: Fact<string>;
  tensorParallel: Fact<number>;
  pipelineParallel: Fact<number>;
  attentionBackend: Fact<string>;
  schedulingPolicy: Fact<string>;
}
