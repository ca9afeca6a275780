import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { env as ownEnv } from 'node:process';
import { fileURLToPath } from 'node:url';

const toyPath = fileURLToPath(
  new URL('../../../test/fixtures/pytorch/toy_server.py', import.meta.url),
);

/** A Python for the server's own code, which is standard library; null = there is none here. */
export const python = (() => {
  const asked = spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], {
    encoding: 'utf8',
  });
  return asked.status === 0 ? asked.stdout.trim() : null;
})();

/** Passes for a Python that has torch; what it is asked to serve, the toy model serves. */
export const fakeTorchPython = fakePython({ gguf: '0.19.0' });

/** @param gguf null = it has none */
export function fakePython({ gguf }: { gguf: string | null }): string {
  const has = { torch: '2.13.0', transformers: '5.23.0', gguf, jinja2: '3.1.6' };
  return `#!/bin/sh
case "$*" in
  *"from importlib import metadata"*)
    printf '{"executable": "%s", %s\\n' "$0" '"python": "3.11.2", ${JSON.stringify(has).slice(1)}'
    exit ;;
  *"import json, torch"* | *"import torch, transformers, gguf")
    if [ -n "$FAKE_IMPORT" ]; then echo "$FAKE_IMPORT" >&2; exit 1; fi
    echo '{"device": "cpu"}'
    exit ;;
esac
shift
exec ${python} -B ${toyPath} "$@"
`;
}

export interface ToyServer {
  url: string;
  stop(): Promise<void>;
}

/** The toy as a process of its own, once it listens. */
export async function startToy(env: Record<string, string> = {}): Promise<ToyServer> {
  const args = ['-B', toyPath, '--model', toyPath, '--name', 'toy', '--port', '0'];
  const child = spawn(python ?? 'python3', args, {
    env: { ...ownEnv, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  const port = await new Promise<string>((resolve, reject) => {
    child.stderr.on('data', (text: Buffer) => {
      said += text;
      const listening = /listening on \S+ port (\d+)/.exec(said)?.[1];
      if (listening !== undefined) resolve(listening);
    });
    child.on('exit', () => reject(new Error(said)));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}
