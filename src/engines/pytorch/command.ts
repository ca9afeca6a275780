import { BenchError, packageFile } from '../../core/index.ts';
import type { InstalledEngine, StartOptions } from '../engine.ts';

export const server = packageFile('assets/pytorch-reference/serve.py');

/** @throws BenchError `USAGE_ENGINE_SLOTS` */
export function buildCommand(
  installed: InstalledEngine,
  options: StartOptions,
  threads: number,
): (port: number) => string[] {
  if (options.slots !== 1) {
    throw new BenchError(
      'USAGE_ENGINE_SLOTS',
      `--slots ${options.slots}: the PyTorch reference works on one request at a time, on purpose.`,
      {
        hint: `Leave it out, or in a comparison give it to the other side: --a '--slots ${options.slots}'.`,
      },
    );
  }
  return (port) => [
    ...[installed.path, server, '--model', options.modelPath, '--name', options.modelName],
    ...['--host', options.host, '--port', String(port)],
    ...['--context-tokens', String(options.contextTokens), '--threads', String(threads)],
    ...['--exit-on-eof', ...options.extraArgs],
  ];
}

/** What the libraries under the server read: threads, and that nothing is asked of a hub. */
export const environmentOf = (threads: number): Record<string, string> => ({
  OMP_NUM_THREADS: String(threads),
  MKL_NUM_THREADS: String(threads),
  TOKENIZERS_PARALLELISM: 'false',
  HF_HUB_OFFLINE: '1',
  TRANSFORMERS_OFFLINE: '1',
  PYTHONUNBUFFERED: '1',
  PYTHONDONTWRITEBYTECODE: '1',
});
