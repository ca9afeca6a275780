import type { InstalledEngine } from '../engine.ts';
import { chooseThreads } from '../threads.ts';
import { environmentOf } from './command.ts';

/**
 * Text of a start_server.sh that starts the reference as `start` does, by the arena's contract: HOST,
 * PORT, MODEL_PATH (a folder with `model.gguf` or `hf/`) and MODEL_NAME in its environment.
 */
export function pytorchLaunchScript(
  installed: InstalledEngine,
  options: {
    cpuCount: number;
    contextTokens: number;
    args?: readonly string[];
    /** Where the launcher finds serve.py. */
    server: string;
  },
): string {
  const { cpuCount, contextTokens, args = [], server } = options;
  const threads = chooseThreads(cpuCount);
  const exports = Object.entries(environmentOf(threads)).map(([name, value]) => `${name}=${value}`);
  return `#!/bin/sh
# The PyTorch reference, one request at a time.
export ${exports.join(' ')}
model="$MODEL_PATH/model.gguf"
[ -e "$model" ] || model="$MODEL_PATH/hf"
exec ${quoted(installed.path)} ${quoted(server)} --model "$model" --name "$MODEL_NAME" \\
  --host "$HOST" --port "$PORT" --context-tokens ${contextTokens} ${['--threads', threads, ...args].join(' ')}
`;
}

const quoted = (path: string) => `'${path.replaceAll("'", `'\\''`)}'`;
