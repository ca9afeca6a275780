import { folderModels } from '../models/folder-models.ts';

/** bfloat16 is what vLLM computes in, on CPUs and GPUs alike. */
export const vllmModels = folderModels('vLLM', 'bfloat16');
