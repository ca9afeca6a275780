import { BenchError, createRegistry } from '../../core/index.ts';
import type { Dataset } from './dataset.ts';
import { generatedDatasets } from './generated.ts';
import { jsonlDataset } from './jsonl.ts';
import { shareGptDatasets } from './sharegpt/index.ts';

export const datasets = createRegistry<Dataset>('dataset', [
  ...generatedDatasets,
  ...shareGptDatasets,
  jsonlDataset,
]);

const isKnown = (name: string) =>
  datasets.has(name) || datasets.list().some(({ aliases = [] }) => aliases.includes(name));

/**
 * Reads `chat` or `jsonl:FILE`.
 * @param file the same as behind the colon, named apart; null = not named
 * @throws BenchError USAGE_UNKNOWN_DATASET, USAGE_DATASET_PATH
 */
export function parseDataset(
  text: string,
  file: string | null = null,
): { dataset: Dataset; path: string | null } {
  const colon = text.indexOf(':');
  const name = colon < 0 ? text : text.slice(0, colon);
  if (!isKnown(name) && /\.jsonl?$/i.test(text)) {
    throw new BenchError('USAGE_UNKNOWN_DATASET', `Unknown dataset "${text}".`, {
      hint: `A file of prompts is --dataset jsonl:${text}; a ShareGPT file sharegpt:${text}.`,
    });
  }
  const dataset =
    datasets.list().find(({ aliases = [] }) => aliases.includes(name)) ?? datasets.get(name);
  const path = colon < 0 ? file : text.slice(colon + 1);
  const fits = dataset.file === 'none' ? path === null : path !== '';
  if (!fits || (dataset.file === 'required' && path === null)) {
    throw new BenchError('USAGE_DATASET_PATH', `Dataset "${text}" is not valid.`, {
      hint:
        dataset.file === 'none'
          ? `"${dataset.id}" takes no file.`
          : `Name its file after a colon: ${dataset.id}:FILE.`,
    });
  }
  return { dataset, path };
}
