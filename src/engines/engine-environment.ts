import type { EngineContext } from './context.ts';

/** What reaches an engine by its environment and may change how it computes. */
export interface EngineEnvironment {
  /** Set by `bench`. */
  readonly set: Readonly<Record<string, string>>;
  /** Names of the user's own variables: their values may be secrets. Sorted. */
  readonly ofUser: readonly string[];
}

/** Devices, threads, kernels, communication, hubs: what the libraries under the engines read. */
const shared =
  /^(CUDA_|HIP_|ROCR_|ROCM_|NVIDIA_|NCCL_|OMP_|KMP_|GOMP_|MKL_|OPENBLAS_|TORCH|PYTORCH_|TRITON_|HF_|TRANSFORMERS_)|^LD_PRELOAD$/;

/**
 * @param set by `bench`, for this engine
 * @param own which variables the engine itself reads
 */
export function engineEnvironment(
  { env }: Pick<EngineContext, 'env'>,
  set: Readonly<Record<string, string>>,
  own: RegExp | undefined,
): EngineEnvironment {
  const ofUser = Object.keys(env)
    .filter((name) => env[name] !== undefined && !(name in set))
    .filter((name) => shared.test(name) || own?.test(name) === true)
    .sort();
  return { set, ofUser };
}
