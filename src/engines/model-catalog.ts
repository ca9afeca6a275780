import type { EngineContext } from './context.ts';
import type { SourceOffer } from './sources.ts';

/** A model that can be fetched by name. */
export interface ModelSpec {
  /** As given to `--model`. */
  id: string;
  title: string;
  license: string;
  /** The quantisation of the pinned file. */
  quant: string;
  fileName: string;
  bytes: number;
  sha256: string;
  contextLength: number;
}

/** A model file on this machine. */
export interface LocalModel {
  /** The name it is served under. */
  id: string;
  path: string;
  /** null: it is fetched by the engine, and `path` is its name there. */
  bytes: number | null;
  /** null where it was not computed (a file of the user's own). */
  sha256: string | null;
  /** `model-path`, `pypi`, `hugging-face`. */
  source: string;
  /** As the file itself says: `Q4_1`; null when it does not. */
  quant: string | null;
  /** `llama`. */
  architecture: string | null;
  parameters: number | null;
  contextLength: number | null;
}

export interface FindModelOptions {
  /** `--model-path`: a file of the user's own. */
  modelPath?: string;
  /** `--quant`: checked against what there is. */
  quant?: string;
  /** Path of the engine that is going to serve it: what lies beside it may convert the model. */
  servedBy?: string;
}

/** The models an engine can be given. */
export interface ModelCatalog {
  list(): readonly ModelSpec[];
  /**
   * The model on this machine, without touching the network; null when it has to be pulled.
   * @throws BenchError `USAGE_UNKNOWN_MODEL`, `USAGE_QUANT_UNAVAILABLE`, `PREREQ_MODEL_*`.
   */
  locate(ctx: EngineContext, id: string, options?: FindModelOptions): Promise<LocalModel | null>;
  /** What `pull` would try, in that order. */
  sources(ctx: EngineContext, id: string): Promise<SourceOffer[]>;
  /**
   * Fetches the model into the cache, or returns the one that is there.
   * @throws BenchError `PREREQ_MODEL` that names each source and why it failed.
   */
  pull(ctx: EngineContext, id: string, options?: FindModelOptions): Promise<LocalModel>;
}

/** `q4-k-m`, `Q4_K_M` and `q4_k_m` are the same. */
export function isSameQuant(a: string, b: string): boolean {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  return plain(a) === plain(b);
}
