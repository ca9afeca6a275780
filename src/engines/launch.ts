import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BenchError, redactText } from '../core/index.ts';
import type { Finding } from '../model/index.ts';
import type { EngineContext } from './context.ts';
import { findLine, logSize, waitForLine } from './dead-lines.ts';
import type { EngineExit, RunningEngine, StartOptions } from './engine.ts';
import { engineEnvironment } from './engine-environment.ts';
import { isPortFree, pickFreePort } from './free-port.ts';
import type { LogPattern } from './log-patterns.ts';
import { explainLog } from './log-patterns.ts';
import { readLogTail } from './log-tail.ts';
import type { ProcessExit, ProcessTree, StopReceipt } from './process-tree.ts';
import { spawnTree } from './process-tree.ts';
import { waitUntilReady } from './readiness.ts';

/** What differs between engines when one is started. */
export interface LaunchRecipe {
  engine: string;
  version: string;
  threads: number | null;
  command(port: number): readonly string[];
  /** In front of the command, and no part of what is told of it. */
  wrapper?: readonly string[];
  env: Readonly<Record<string, string>>;
  /** Variables that it reads itself, by name: `VLLM_`. */
  ownVariables?: RegExp;
  healthPaths: readonly string[];
  logPatterns: readonly LogPattern[];
  bodyDefaults: Readonly<Record<string, unknown>>;
  findings?: readonly Finding[];
  /** Under which it serves the model, where it cannot be told a name. Absent: as asked. */
  modelName?: string;
  /** A line of its log after which it serves nothing, although its process stays. */
  deadLines?: RegExp;
  /** Requests that it works on at once, as it tells; null = it does not. Absent: as asked. */
  slots?(rootUrl: string): Promise<number | null>;
  settings(rootUrl: string, logPath: string): Promise<Record<string, unknown>>;
  activity(rootUrl: string): Promise<string | null>;
}

/** A picked port can be lost to another process before the engine binds it. */
const portAttempts = 3;

/**
 * Starts an engine by its recipe, in its own process tree, and waits until it is really ready.
 * On failure nothing is left running.
 * @throws BenchError `ENGINE_CRASHED` with the log's last lines and the known cause,
 * `ENGINE_NOT_READY`, `ENGINE_PORT_TAKEN`, `ENGINE_SPAWN`; the abort reason when `ctx.signal` is aborted.
 */
export async function launchEngine(
  ctx: EngineContext,
  recipe: LaunchRecipe,
  options: StartOptions,
): Promise<RunningEngine> {
  await mkdir(dirname(options.logPath), { recursive: true });
  for (let attempt = 1; ; attempt++) {
    const port = options.port === 0 ? await pickFreePort(options.host) : options.port;
    try {
      return await launchOnPort(ctx, recipe, options, port);
    } catch (error) {
      const lostPort = error instanceof BenchError && error.details?.['cause'] === 'port-in-use';
      if (!lostPort || options.port !== 0 || attempt === portAttempts) throw error;
    }
  }
}

async function launchOnPort(
  ctx: EngineContext,
  recipe: LaunchRecipe,
  options: StartOptions,
  port: number,
): Promise<RunningEngine> {
  // Whoever listens there would pass for our engine.
  if (!(await isPortFree(options.host, port))) {
    throw new BenchError('ENGINE_PORT_TAKEN', `Port ${port} on ${options.host} is taken.`, {
      hint: 'Leave --port away to get a free one, or measure what runs there with --endpoint.',
      details: { cause: 'port-in-use' },
    });
  }
  const startUs = ctx.clock.nowUs();
  const command = recipe.command(port);
  const { env, logPatterns, engine } = recipe;
  const set = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  if (set.length > 0) {
    ctx.emit({ kind: 'log', message: `set for ${engine}: ${redactText(set.join(' '))}` });
  }
  const logFrom = await logSize(options.logPath);
  const wrapped = [...(options.wrapper ?? []), ...(recipe.wrapper ?? []), ...command];
  const tree = await spawnTree(ctx, { command: wrapped, env, logPath: options.logPath });
  let ready = false;
  const over = new AbortController();
  const { deadLines, modelName = options.modelName } = recipe;
  const fail = async (exit: ProcessExit | null) => {
    throw await crashError(engine, exit, options.logPath, logPatterns);
  };
  const died = Promise.race([
    tree.exited.then(fail),
    ...(deadLines === undefined
      ? []
      : [
          waitForLine(ctx, options.logPath, logFrom, deadLines, over.signal).then(() => fail(null)),
        ]),
  ]);
  // After readiness nobody listens here any more.
  died.catch(() => {});
  const rootUrl = `http://${urlHost(options.host)}:${port}`;
  try {
    const readiness = await waitUntilReady(ctx, {
      host: connectHost(options.host),
      port,
      rootUrl,
      model: modelName,
      startUs,
      timeoutMs: options.startupTimeoutMs,
      healthPaths: recipe.healthPaths,
      died,
    });
    // Another server may have answered on a port that the engine failed to get.
    if (tree.hasExited()) await died;
    if (deadLines !== undefined && (await findLine(options.logPath, logFrom, deadLines)) !== null) {
      await fail(null);
    }
    const slots = (await recipe.slots?.(rootUrl)) ?? options.slots;
    ready = true;
    return {
      engine,
      baseUrl: `${rootUrl}/v1`,
      host: options.host,
      port,
      pid: tree.enginePid() ?? tree.groupPid,
      commandLine: command.map((part) => redactText(part)),
      environment: engineEnvironment(ctx, env, recipe.ownVariables),
      isolation: tree.isolation,
      version: recipe.version,
      modelName,
      slots,
      threads: recipe.threads,
      readyMs: readiness.generationMs,
      readiness,
      bodyDefaults: recipe.bodyDefaults,
      findings: [
        ...(recipe.findings ?? []),
        ...(slots === options.slots ? [] : [slotsDiffer(slots, options.slots)]),
      ],
      logPath: options.logPath,
      settings: () => recipe.settings(rootUrl, options.logPath),
      activity: () => recipe.activity(rootUrl),
      tail: (lines) => readLogTail(options.logPath, lines),
      ...endOf(tree, engine, options.logPath, logPatterns),
    };
  } finally {
    over.abort();
    if (!ready) await tree.stop({ graceMs: 1_000 });
  }
}

const slotsDiffer = (told: number, asked: number): Finding => ({
  code: 'slots-differ',
  severity: 'warning',
  message: `The engine works on ${told} requests at once, by its own word, not on the ${asked} that it was started for: an argument of yours or a limit of its own overrides --slots.`,
});

/** `exited` tells a stop that was asked for from a crash. */
function endOf(
  tree: ProcessTree,
  engine: string,
  logPath: string,
  patterns: readonly LogPattern[],
): { stop: () => Promise<StopReceipt>; exited: Promise<EngineExit> } {
  let stopping = false;
  const exited = tree.exited.then(async (exit): Promise<EngineExit> => {
    if (stopping) return { ...exit, message: `${engine} was stopped.` };
    const { message } = await crashError(engine, exit, logPath, patterns);
    return { ...exit, message };
  });
  const stop = () => {
    stopping = !tree.hasExited();
    return tree.stop();
  };
  return { stop, exited };
}

/** @param exit null: its process is still there */
async function crashError(
  engine: string,
  exit: ProcessExit | null,
  logPath: string,
  patterns: readonly LogPattern[],
): Promise<BenchError> {
  const lines = await readLogTail(logPath, 1000);
  const cause = explainLog(lines, patterns);
  const how =
    exit === null
      ? 'gave up, although its process stayed'
      : exit.signal === null
        ? `ended with exit code ${exit.code}`
        : `ended by ${exit.signal}`;
  const tail = lines.slice(-8).map((line) => `\n  | ${line}`);
  const why = cause ? ` ${cause.explanation}` : '';
  return new BenchError(
    'ENGINE_CRASHED',
    `${engine} ${how}.${why} Last lines of its log:${tail.join('') || ' (empty)'}`,
    {
      hint: cause?.hint ?? `The whole log is ${logPath}.`,
      details: { ...exit, cause: cause?.cause ?? null, line: cause?.line ?? null, logPath },
    },
  );
}

function urlHost(host: string): string {
  const target = connectHost(host);
  return target.includes(':') ? `[${target}]` : target;
}

/** One listens on "any" address, but connects to a particular one. */
function connectHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '::1';
  return host;
}
