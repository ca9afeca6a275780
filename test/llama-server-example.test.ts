import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const path = join(root, 'examples/llama-server/start_server.sh');
const script = readFileSync(path, 'utf8');

describe('examples/llama-server/start_server.sh', () => {
  const dir = mkdtempSync(join(tmpdir(), 'bench-example-server-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('is what the guide shows, word for word', () => {
    const guide = readFileSync(join(root, 'docs/guides/run-your-agent.md'), 'utf8');
    expect(guide).toContain(`\`\`\`sh\n${script}\`\`\``);
    expect(statSync(path).mode & 0o111).not.toBe(0);
  });

  it('becomes the engine, told all that the contract gives', async () => {
    mkdirSync(join(dir, 'bin'));
    // Its own process id, where a child of the script would have another.
    writeFileSync(
      join(dir, 'bin', 'llama.cpp-server'),
      '#!/bin/sh\necho "$$"\nprintf "%s\\n" "$@"\n',
      { mode: 0o755 },
    );
    const run = promisify(execFile)('/bin/sh', [path], {
      env: {
        ...{ HOST: '127.0.0.1', PORT: '8123', MODEL_PATH: '/models/a b', MODEL_NAME: 'tiny' },
        BENCH_ENGINES: dir,
      },
    });
    const [pid, ...args] = (await run).stdout.trimEnd().split('\n');
    expect(Number(pid)).toBe(run.child.pid);
    expect(args).toEqual([
      ...['--host', '127.0.0.1', '--port', '8123', '--model', '/models/a b/model.gguf'],
      ...['--alias', 'tiny', '--parallel', '1', '--ctx-size', '2048'],
    ]);
  });
});
