import { expect, it } from 'vitest';
import { engineSeen } from './engine-seen.ts';
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
