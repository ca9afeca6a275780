import type { JudgePorts, Oracle } from '../../../arena/index.ts';
import { datasets, type LoadedDataset, noOverhead } from '../../../workload/index.ts';

/** Made-up sentences of exact length; what they are made of is asked of each reference once. */
export function createPromptMaker(): JudgePorts['makePrompt'] {
  const loaded = new WeakMap<Oracle, Promise<LoadedDataset>>();
  return async (oracle, seed, inputTokens) => {
    let dataset = loaded.get(oracle);
    if (dataset === undefined) {
      dataset = loadProse(oracle);
      loaded.set(oracle, dataset);
    }
    const { promptText } = await dataset;
    return promptText({ dataset: 'prose', seed, row: null }, inputTokens);
  };
}

async function loadProse(oracle: Oracle): Promise<LoadedDataset> {
  const counter = {
    source: 'reference',
    count: (texts: readonly string[]) => oracle.countTokens(texts),
  };
  const text = 'Please tell me about the river.';
  const [own = 0] = await oracle.countTokens([text]);
  const whole = await oracle.countPrompt([{ role: 'user', content: text }]);
  const overhead = { ...noOverhead, promptTokens: Math.max(0, whole - own) };
  return datasets.get('prose').load({ counter, overhead, chat: true, seed: 0, path: null });
}
