import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { pathToFileURL } from 'node:url';
import type { RunEvent } from '../model/index.ts';
import type { EngineContext } from './context.ts';
import type { StartOptions } from './engine.ts';
import { createEntryContext } from './entry-context.ts';

export interface TestContext extends EngineContext {
  events: RunEvent[];
  /** A folder of its own, removed by `cleanUp`. */
  folder: string;
  cleanUp(): void;
}

/** A context on the real machine with a cache folder of its own. */
export function createTestContext(changes: Partial<EngineContext> = {}): TestContext {
  const folder = mkdtempSync(join(tmpdir(), 'bench-engines-'));
  const events: RunEvent[] = [];
  const real = createEntryContext((event) => events.push(event));
  return {
    ...real,
    events,
    folder,
    cleanUp: () => rmSync(folder, { recursive: true, force: true }),
    ...changes,
    env: { ...real.env, BENCH_CACHE_DIR: join(folder, 'cache'), ...changes.env },
  };
}

/** A folder for programs that the context finds before all others; returns it. */
export function putOnPath(ctx: TestContext): string {
  const bin = join(ctx.folder, 'bin');
  mkdirSync(bin);
  ctx.env = { ...ctx.env, PATH: `${bin}:${ctx.env['PATH']}` };
  return bin;
}

/** What a start is asked for; its model is a GGUF file of a few bytes. */
export function startOptionsOf(
  { folder }: TestContext,
  changes: Partial<StartOptions> = {},
): StartOptions {
  const modelPath = join(folder, 'm.gguf');
  writeFileSync(modelPath, buildGguf({ 'general.architecture': 'llama', 'general.file_type': 3 }));
  return {
    modelPath,
    modelName: 'tiny',
    host: '127.0.0.1',
    port: 0,
    slots: 2,
    contextTokens: 512,
    threads: null,
    logPath: join(folder, 'logs', 'engine.log'),
    extraArgs: [],
    startupTimeoutMs: 120_000,
    ...changes,
  };
}

/** Writes an executable script and returns its path. */
export function writeProgram(folder: string, name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o755 });
  return path;
}

/**
 * A stand-in for llama-server that knows its flags and pages. `FAKE_*` variables make it
 * misbehave: FAKE_CRASH (a line to print before exit 1), FAKE_LOADING_MS, FAKE_GENERATION_STATUS,
 * FAKE_DEAF (ignores SIGTERM), FAKE_CHILD (leaves a process of its own session).
 */
export const fakeLlamaServer = `#!${execPath}
const { createServer } = require('node:http');
const { spawn } = require('node:child_process');
const args = process.argv.slice(2);
const value = (name) => args[args.lastIndexOf(name) + 1];
const env = process.env;
if (args.includes('--version')) { console.error('version: 4711 (abcdef)'); process.exit(0); }
if (args.includes('--help')) { console.log('--metrics  enable\\n--slots\\n-cram, --cache-ram N'); process.exit(0); }
if (env.FAKE_CRASH) { console.error(env.FAKE_CRASH); process.exit(1); }
if (env.FAKE_DEAF) process.on('SIGTERM', () => {});
else process.on('SIGTERM', () => process.exit(0));
if (env.FAKE_CHILD) {
  const child = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
  console.error('child started');
  child.unref();
}
const start = Date.now();
let generated = 0;
const server = createServer((request, response) => {
  const send = (status, body) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
  const loading = Date.now() - start < Number(env.FAKE_LOADING_MS || 0);
  if (request.url === '/health') return send(loading ? 503 : 200, { status: loading ? 'loading' : 'ok' });
  if (request.url === '/metrics') return send(200, 'llamacpp:prompt_tokens_total ' + generated + '\\nllamacpp:requests_processing 0\\n');
  if (request.url === '/props') return send(200, { total_slots: Number(value('--parallel')), model_ftype: 'Q4_1' });
  if (request.url === '/v1/models') return send(200, { data: [{ id: value('--alias'), meta: { n_params: 7 } }] });
  if (request.url === '/v1/completions') {
    generated++;
    const status = Number(env.FAKE_GENERATION_STATUS || 200);
    return send(status, status === 200 ? { choices: [{ text: 'x' }] } : { error: 'no' });
  }
  send(404, {});
});
server.on('error', (error) => { console.error('bind: ' + error.message); process.exit(1); });
server.listen(Number(value('--port')), value('--host'), () => console.error('listening'));
`;

/** A GGUF v3 file with the given header entries and one 2x3 tensor, without weights. */
export function buildGguf(entries: Record<string, string | number>): Buffer {
  const u32 = (value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    return bytes;
  };
  const u64 = (value: number) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt(value));
    return bytes;
  };
  const text = (value: string) =>
    Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);
  const parts = [Buffer.from('GGUF'), u32(3), u64(1), u64(Object.keys(entries).length + 1)];
  // An array of strings in front: readers have to step over the vocabulary.
  parts.push(text('tokenizer.ggml.tokens'), u32(9), u32(8), u64(2), text('a'), text('ü'));
  for (const [key, value] of Object.entries(entries)) {
    parts.push(text(key));
    parts.push(...(typeof value === 'string' ? [u32(8), text(value)] : [u32(4), u32(value)]));
  }
  parts.push(text('weight'), u32(2), u64(2), u64(3), u32(0), u64(0));
  return Buffer.concat(parts);
}

/** Polls until `probe` is true; throws after `limitMs`, which only bounds a hang. */
export async function eventually(probe: () => boolean | Promise<boolean>, limitMs = 15_000) {
  for (let waitedMs = 0; waitedMs < limitMs; waitedMs += 25) {
    if (await probe()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`not true within ${limitMs} ms: ${probe.toString()}`);
}

/** Runs a piece of TypeScript of this folder as a process of its own. */
export function spawnScript(ctx: TestContext, name: string, source: string): ChildProcess {
  const path = join(ctx.folder, `${name}.mts`);
  const here = new URL('.', import.meta.url).href;
  writeFileSync(path, source.replaceAll('ENGINES/', here));
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  return spawn(execPath, ['--import', tsx, path], {
    env: { ...ctx.env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

export interface FakeServerSpec {
  /** What `--version` and, as a Python, a question for the package's version print. */
  version: string;
  /** Options with a value; those of host and port among them. */
  options: readonly string[];
  switches: readonly string[];
  /** What it prints about an option that it does not know, before it exits with 2. */
  refuse: (option: string) => string;
  /** Printed when it starts. */
  banner?: string;
  hostOption?: string;
  /**
   * JavaScript: body of `(path, values, words, generated)`, which returns what a page answers, a
   * text or an object; undefined = 404. `values` are the options, `words` what is before them.
   */
  pages: string;
}

/**
 * A stand-in for an engine that cannot be installed here: takes its command line and no other,
 * serves its pages, counts generations. FAKE_CRASH: a line to print before it exits with 1.
 */
export const fakeServer = ({ hostOption = '--host', ...spec }: FakeServerSpec) => `#!${execPath}
const { createServer } = require('node:http');
const argv = process.argv.slice(2);
if (argv[0] === '-c' || argv.includes('--version')) { console.log(${JSON.stringify(spec.version)}); process.exit(0); }
const first = argv.findIndex((word) => word.startsWith('--'));
const words = argv.slice(0, first);
const values = {};
for (let i = first; i < argv.length; i++) {
  if (${JSON.stringify(spec.switches)}.includes(argv[i])) values[argv[i]] = true;
  else if (${JSON.stringify(spec.options)}.includes(argv[i])) { values[argv[i]] = argv[i + 1]; i++; }
  else { console.error((${spec.refuse.toString()})(argv[i])); process.exit(2); }
}
if (process.env.FAKE_CRASH) { console.error(process.env.FAKE_CRASH); process.exit(1); }
process.on('SIGTERM', () => process.exit(0));
console.log(${JSON.stringify(spec.banner ?? 'starting')});
let generated = 0;
const pages = new Function('require', 'path', 'values', 'words', 'generated', ${JSON.stringify(spec.pages)});
async function complete(request, response) {
  let text = '';
  for await (const part of request) text += part;
  const { stream, max_tokens: asked = 16, prompt = '' } = JSON.parse(text);
  generated += asked;
  if (!stream) {
    response.writeHead(200, { 'content-type': 'application/json' });
    return response.end(JSON.stringify({ choices: [{ text: 'x' }] }));
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (event) => response.write('data: ' + JSON.stringify(event) + '\\n\\n');
  const prompt_tokens = Array.isArray(prompt) ? prompt.length : prompt.split(' ').length;
  for (let i = 1; i <= asked; i++) {
    send({ choices: [{ index: 0, text: ' x', finish_reason: i === asked ? 'length' : null }] });
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  send({ choices: [], usage: { prompt_tokens, completion_tokens: asked, total_tokens: prompt_tokens + asked } });
  response.end('data: [DONE]\\n\\n');
}
createServer((request, response) => {
  if (request.url === '/v1/completions') return complete(request, response);
  const body = pages(require, request.url, values, words, generated);
  response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' });
  response.end(typeof body === 'string' ? body : JSON.stringify(body ?? {}));
}).listen(Number(values['--port']), values[${JSON.stringify(hostOption)}]);
`;

/** A page of test/fixtures/engines. */
export const engineFixture = (name: string) =>
  readFileSync(new URL(`../../test/fixtures/engines/${name}`, import.meta.url), 'utf8');
