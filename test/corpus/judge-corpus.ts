import { spawn } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env, execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { factKinds } from '../../src/arena/checks/facts.ts';
import { nodeProgram } from '../../src/core/index.ts';
import type { TrialResult } from '../../src/model/index.ts';
import { type CorpusServer, usualLauncher } from './corpus.ts';

const here = fileURLToPath(new URL('.', import.meta.url));

/** The corpus's own scenario, whose reference is the toy. */
export async function placeScenario(root: string): Promise<string> {
  const dir = join(root, 'scenario', 'decode');
  await cp(join(here, 'scenario', 'decode'), dir, { recursive: true });
  await placeToy(join(dir, 'reference'));
  return dir;
}

/** The toy as it is, faster than the reference and several requests at a time: what can be gained. */
export async function placeOracle(scenario: string): Promise<void> {
  const dir = join(scenario, 'oracle');
  await placeToy(dir);
  await cp(join(here, 'honest', 'plain.mjs'), join(dir, 'main.mjs'));
  await writeFile(join(dir, 'start_server.sh'), usualLauncher, { mode: 0o755 });
}

/** The toy, and what it knows. */
async function placeToy(dir: string): Promise<void> {
  await cp(join(here, 'toy'), dir, { recursive: true });
  const facts = Object.fromEntries(factKinds.flatMap((kind) => kind.facts));
  await writeFile(join(dir, 'facts.json'), JSON.stringify(facts));
}

async function placeSubmission(root: string, server: CorpusServer): Promise<string> {
  const dir = join(root, 'submission');
  await mkdir(dir, { recursive: true });
  const kind = server.caughtBy === null ? 'honest' : 'cheats';
  await placeToy(dir);
  await cp(join(here, kind, `${server.name}.mjs`), join(dir, 'main.mjs'));
  const files = { 'start_server.sh': server.launcher ?? usualLauncher, ...server.files };
  for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text);
  await chmod(join(dir, 'start_server.sh'), 0o755);
  const names = [...Object.keys(files), 'main.mjs', 'server.mjs', 'model.mjs', 'facts.json'];
  await writeFile(join(dir, 'submission.json'), JSON.stringify({ files: names }));
  return dir;
}

/** Judges one server by the command itself, and gives what it left. */
export async function judgeCorpusServer(server: CorpusServer): Promise<TrialResult> {
  const root = await mkdtemp(join(tmpdir(), 'bench-corpus-'));
  // Also the name under which the one that keeps state outside of its folder keeps it.
  const model = `toy-${server.name}-${root.slice(-6)}`;
  // Long before the server is started, and nothing of it.
  const foreign = `/tmp/bench-corpus-weights-${model}.gguf`;
  const weights = Buffer.concat([Buffer.from('GGUF'), Buffer.alloc(2 << 20)]);
  const remote = server.name === 'remote-offload' ? await startRemote(root, model) : null;
  try {
    const scenario = await placeScenario(root);
    await renameModel(join(scenario, 'scenario.json'), model);
    const files = { ...server.files, ...(remote && { 'remote.json': JSON.stringify(remote) }) };
    const submission = await placeSubmission(root, { ...server, files });
    const modelPath = join(root, 'toy.model');
    await writeFile(modelPath, 'a toy model\n');
    if (server.name === 'foreign-weights') await writeFile(foreign, weights);
    await runBench([
      ...['judge', '--scenario', scenario, '--class', 'small', '--submission', submission],
      ...['--model-path', modelPath, '--output', join(root, 'out'), '--startup-timeout', '60'],
      // Without a sandbox: what it hides from a cheat, it need not catch.
      ...['--sandbox', 'process', '--json'],
    ]);
    return JSON.parse(await readFile(join(root, 'out', 'trial.json'), 'utf8')) as TrialResult;
  } finally {
    remote?.end();
    await rm(root, { recursive: true, force: true });
    await rm(`/tmp/bench-corpus-state-${model}`, { force: true });
    await rm(foreign, { force: true });
  }
}

export async function renameModel(file: string, model: string): Promise<void> {
  const scenario = JSON.parse(await readFile(file, 'utf8'));
  for (const size of Object.values(scenario.classes)) (size as { model: string }).model = model;
  await writeFile(file, JSON.stringify(scenario));
}

/** The machine elsewhere that a cheat lets do its work: the honest toy, outside of its process tree. */
async function startRemote(root: string, model: string): Promise<{ url: string; end(): void }> {
  const port = await freePort();
  const dir = join(root, 'elsewhere');
  await placeToy(dir);
  const main = join(dir, 'remote.mjs');
  const child = spawn(execPath, [main], {
    env: { ...env, HOST: '127.0.0.1', PORT: String(port), MODEL_NAME: model },
    stdio: 'ignore',
  });
  return { url: `http://127.0.0.1:${port}`, end: () => child.kill('SIGKILL') };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/**
 * `bench arena ARGS` as its users have it, a process for each: what a judge computes makes no other
 * one's client late.
 */
export function runBench(args: readonly string[]): Promise<void> {
  const child = spawn(execPath, [...nodeProgram('cli/bin'), 'arena', ...args], {
    stdio: ['ignore', 'ignore', env['BENCH_CORPUS_LOG'] ? 'inherit' : 'ignore'],
    timeout: 290_000,
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve());
  });
}
