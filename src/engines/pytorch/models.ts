import { stat } from 'node:fs/promises';
import type { ModelCatalog } from '../model-catalog.ts';
import { ggufModels } from '../models/gguf-models.ts';
import { describeModelFolder } from '../models/model-folder.ts';

/** GGUF files as llama.cpp reads them, and folders in Hugging Face format by `--model-path`. */
export const pytorchModels: ModelCatalog = {
  ...ggufModels,
  async locate(ctx, id, options = {}) {
    const { modelPath } = options;
    const found = modelPath === undefined ? null : await stat(modelPath).catch(() => null);
    if (modelPath === undefined || !found?.isDirectory())
      return ggufModels.locate(ctx, id, options);
    return describeModelFolder(id, modelPath);
  },
};
