import { readdir, readFile, realpath, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ask, CallTrace, OpenedFile, Untraced } from '../../../arena/index.ts';
import { isBenchError, repeatEvery } from '../../../core/index.ts';
import type { EngineContext } from '../../../engines/index.ts';
import {
  type LaunchSettings,
  launchSubmission,
  type StartedSubmission,
} from '../judge/launch-submission.ts';
import { describeDeleted, describeFiles, type FileFacts } from './describe-files.ts';
import { findTracer } from './find-tracer.ts';
import { type ReadTrace, readTrace } from './read-trace.ts';

/** Of a server of any kind that is asked once; one that goes on and on is ended. */
const mostTraceBytes = 32 * 1024 * 1024;
const lookEveryMs = 200;
/** Tracing slows down whatever opens many files. */
const startFactor = 5;
const leastStartMs = 30_000;

export interface TraceOrder {
  /** What was collected. */
  folder: string;
  ask: Ask;
  /** How long it took to be ready without a tracer. */
  readyMs: number;
  /** A file, or a folder in Hugging Face format. */
  modelFile: string;
  /** Of the trace; a server that fills it is ended. */
  mostBytes?: number;
}

/** Starts a submission under strace, asks it once, and tells what it opened, ran and connected to. */
export async function traceLaunch(
  ctx: EngineContext,
  { folder, ask, readyMs, modelFile, mostBytes = mostTraceBytes }: TraceOrder,
  settings: LaunchSettings,
): Promise<CallTrace | Untraced> {
  // Beside the log: outside of what is seen in a sandbox.
  const output = `${settings.logPath}.calls`;
  const tracer = await findTracer(ctx, output);
  ctx.signal?.throwIfAborted();
  if ('reason' in tracer) return { untraced: tracer.reason, byServer: false };
  const startedMs = ctx.clock.wallMs();
  const server = await launchSubmission(ctx, folder, {
    ...settings,
    tracer: tracer.command,
    startupTimeoutMs: Math.min(
      settings.startupTimeoutMs,
      Math.max(leastStartMs, startFactor * readyMs),
    ),
  });
  let isFull = false;
  const watch = repeatEvery(ctx.clock, lookEveryMs, async () => {
    if ((await sizeOf(output)) <= mostBytes || isFull) return;
    isFull = true;
    await server.stop();
  });
  const full = { untraced: `its trace grew beyond ${mostBytes / 1024} KiB`, byServer: true };
  try {
    const askedMs = await askOnce(ctx, server, ask);
    if (isFull) return full;
    if (typeof askedMs === 'string') return { untraced: askedMs, byServer: true };
    if (server.hasExited()) return { untraced: 'it ended under a tracer', byServer: true };
    const trace = readTrace(await readFile(output, 'utf8'));
    const facts = await factsOf(server, folder, modelFile, settings, startedMs, trace);
    if ((await stat(facts.reach('/')).catch(() => null)) === null) {
      return { untraced: 'the files in its sandbox cannot be seen from here', byServer: false };
    }
    return await tellCalls(server, trace, facts, askedMs, modelFile);
  } finally {
    await watch.stop();
    await server.stop();
    await rm(output, { force: true });
  }
}

/** When it was asked, on the wall clock; or why it did not answer. */
async function askOnce(
  ctx: EngineContext,
  server: StartedSubmission,
  ask: Ask,
): Promise<number | string> {
  try {
    await server.ready();
  } catch (error) {
    ctx.signal?.throwIfAborted();
    if (!isBenchError(error) || !/^(ENGINE|CLIENT)_/.test(error.code)) throw error;
    return `it did not come up under a tracer: ${error.message}`;
  }
  const askedMs = ctx.clock.wallMs();
  const [answer] = await server.send({
    ...{ id: 'alone', asks: [ask], arrival: 'burst', maxInFlight: 1 },
    ...{ rateRps: null, seed: 0, timed: false },
  });
  if (answer?.outcome === 'ok') return askedMs;
  return `it did not answer under a tracer: ${answer?.outcome ?? 'nothing came'}`;
}

async function factsOf(
  server: StartedSubmission,
  folder: string,
  modelFile: string,
  { sandbox, modelPath, engines, readOnly }: LaunchSettings,
  startedMs: number,
  { opened }: ReadTrace,
): Promise<FileFacts> {
  const resolved = (path: string) => realpath(path).catch(() => path);
  const offered = engines === null ? [] : [...engines.mounts.map((one) => sandbox.placeOf(one))];
  // The launcher of a plain process may be a tracer with the files of this machine: any will do.
  const [pid] = server.members().toReversed();
  return {
    reach: (path) => (sandbox.isolates && pid !== undefined ? `/proc/${pid}/root${path}` : path),
    model: sandbox.isolates
      ? [sandbox.placeOf(modelPath), ...readOnly.map((one) => sandbox.placeOf(one))]
      : await Promise.all([modelFile, ...modelNames(modelPath.from)].map(resolved)),
    folder: server.folder,
    engines: sandbox.isolates ? offered : await Promise.all(offered.map(resolved)),
    brought: new Set((await filesBelow(folder)).map((path) => join(server.folder, path))),
    startedMs,
    created: (path) => opened.get(path)?.created === true,
  };
}

async function tellCalls(
  server: StartedSubmission,
  trace: ReadTrace,
  facts: FileFacts,
  askedMs: number,
  modelFile: string,
): Promise<CallTrace> {
  const paths = [...trace.opened].filter(([, { read }]) => read).map(([path]) => path);
  const opened = [
    ...(await describeFiles(paths, facts)),
    ...(await describeDeleted(server.members(), facts)),
  ];
  const isFolder = (await stat(modelFile)).isDirectory();
  // Who reads the settings of a model beside its file has not read the model.
  const isModel = ({ place, kind, path }: OpenedFile) =>
    place === 'model' && (kind === 'weights' || (!isFolder && !/\.(json|jinja|txt)$/.test(path)));
  // What the sandbox does before the launcher is no work of the server.
  const from = trace.executed.findIndex((path) => path.endsWith('/sh'));
  const executed = [...new Set(trace.executed.slice(Math.max(0, from)))];
  const connected = new Map<string, boolean>();
  for (const { to, atMs, stream, open } of trace.connected) {
    const served = stream && open && atMs >= askedMs;
    connected.set(to, served || connected.get(to) === true);
  }
  return {
    opened,
    modelOpened: opened.some(isModel),
    modelBytes: isFolder ? await bytesBelow(modelFile) : await sizeOf(modelFile),
    executed,
    connected: [...connected].map(([to, served]) => ({ to, served })),
    blind: trace.ioUring,
  };
}

/** MODEL_PATH, and what its links lead to. */
const modelNames = (folder: string) => [folder, join(folder, 'model.gguf'), join(folder, 'hf')];

const sizeOf = async (path: string) => (await stat(path).catch(() => null))?.size ?? 0;

async function filesBelow(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1));
}

async function bytesBelow(dir: string): Promise<number> {
  let bytes = 0;
  for (const path of await filesBelow(dir)) bytes += await sizeOf(join(dir, path));
  return bytes;
}
