import { BenchError, createRegistry } from '../../core/index.ts';
import type { Dataset } from './dataset.ts';
import { jsonlDataset } from './jsonl.ts';
import { randomDataset } from './random.ts';

export const datasets = createRegistry<Dataset>('dataset', [randomDataset, jsonlDataset]);

/**
 * Reads `random` or `jsonl:PATH`.
 * @throws BenchError USAGE_UNKNOWN_DATASET, USAGE_DATASET_PATH
 */
export function parseDataset(text: string): { dataset: Dataset; path: string | null } {
  const colon = text.indexOf(':');
  const dataset = datasets.get(colon < 0 ? text : text.slice(0, colon));
  const path = colon < 0 ? null : text.slice(colon + 1);
  if (dataset.takesPath ? !path : path !== null) {
    throw new BenchError('USAGE_DATASET_PATH', `Dataset "${text}" is not valid.`, {
      hint: dataset.takesPath
        ? `Name its file after a colon: ${dataset.id}:FILE.`
        : `"${dataset.id}" takes no file.`,
    });
  }
  return { dataset, path };
}
