import { expect, it } from 'vitest';
import { engineSeen, flagsSeen } from './engine-seen.ts';
import type { LaunchTrace } from './ports.ts';

const seen = (command: string) =>
  engineSeen([{ processes: [{ command }] } as unknown as LaunchTrace])?.id ?? null;

it.each([
  ['llama.cpp', '/cache/vllm/venv/bin/python3 -s /app/assets/llama-cpp-launcher.py --model m.gguf'],
  ['llama.cpp', '/opt/llama-server --model /models/vllm/x.gguf'],
  ['vllm', '/cache/venv/bin/python /cache/venv/bin/vllm serve /models/mlx_lm --port 1'],
  ['vllm', 'python3 -m vllm.entrypoints.openai.api_server --model x'],
  ['mlx', 'python3 -m mlx_lm.server --model x'],
  ['sglang', 'python3 -m sglang.launch_server --model-path x'],
  [null, 'node main.mjs'],
])('%s is seen in: %s', (engine, command) => {
  expect(seen(command)).toBe(engine);
});

it.each([
  [[], 'llama-server --model m.gguf --alias x --host 127.0.0.1 --port 8000'],
  [
    ['--threads 2', '--flash-attn'],
    '/usr/bin/python3 -s /engines/bin/llama-cpp-launcher.py --model m --threads 2 --flash-attn --port=1',
  ],
  [['-t 2'], '/opt/llama-server -m m.gguf -t 2'],
  // The engine's own default is no setting.
  [[], 'llama-server --model m.gguf --cache-type-k f16'],
  [
    ['--max-num-seqs 8'],
    'python3 -m vllm.entrypoints.openai.api_server --model x --max-num-seqs=8',
  ],
  [null, 'node main.mjs --threads 2'],
])('settings %j are seen in: %s', (flags, command) => {
  expect(flagsSeen(command)).toEqual(flags);
});
