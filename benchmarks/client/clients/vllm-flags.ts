import type { Cell } from '../cells.ts';
import type { RunPlace } from './client.ts';
import { resultFile } from './vllm-result.ts';

/** The flags that `vllm bench serve` and the Rust tool have in common. */
export function vllmFlags(cell: Cell, place: RunPlace): string[] {
  const { load } = cell;
  return [
    '--backend',
    'openai-chat',
    '--base-url',
    `http://127.0.0.1:${place.port}`,
    '--endpoint',
    '/v1/chat/completions',
    '--model',
    place.model,
    '--tokenizer',
    place.tokenizer,
    '--dataset-name',
    'random',
    '--random-input-len',
    `${cell.inputTokens}`,
    '--random-output-len',
    `${cell.outputTokens}`,
    '--num-prompts',
    `${place.requests}`,
    ...(load.kind === 'open' ? ['--request-rate', `${load.rateRps}`] : []),
    ...(load.kind === 'closed' ? ['--max-concurrency', `${load.streams}`] : []),
    ...(load.kind === 'open' && load.cap !== null ? ['--max-concurrency', `${load.cap}`] : []),
    '--seed',
    `${place.seed}`,
    '--temperature',
    '0',
    '--disable-tqdm',
    '--percentile-metrics',
    'ttft,tpot,itl,e2el',
    '--save-result',
    // Texts, by which requests are found again, come only with the details.
    '--save-detailed',
    '--result-dir',
    place.dir,
    '--result-filename',
    resultFile,
  ];
}
