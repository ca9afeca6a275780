import { ExitCode, type Host } from '../core/index.ts';
import {
  cacheLayout,
  type EngineContext,
  engines,
  findEngine,
  listSupervised,
  readSupervisedLog,
  runDoctor,
  startSupervised,
  stopSupervised,
} from '../engines/index.ts';
import { createLivePanel, createPlainReporter } from '../report/index.ts';
import { announce, engineContext, fetchEngineAndModel } from './open-target.ts';
import type { EngineStartSettings } from './settings.ts';

/** Runs `work` with the conversation on stderr and Ctrl-C wired to the engine context. */
async function withContext<T>(host: Host, work: (ctx: EngineContext) => Promise<T>): Promise<T> {
  const reporter = host.stderr.isTTY
    ? createLivePanel(host.stderr, host.clock)
    : createPlainReporter(host.stderr);
  const stop = new AbortController();
  const off = host.onInterrupt(() => stop.abort());
  try {
    return await work(engineContext(host, (event) => reporter.handle(event), stop.signal));
  } finally {
    off();
    reporter.close();
  }
}

/** `bench engine install`. @throws BenchError USAGE_UNKNOWN_ENGINE, PREREQ_* */
export async function installEngine(id: string, host: Host): Promise<ExitCode> {
  const engine = findEngine(id);
  const installed = await withContext(host, async (ctx) => {
    const located = await engine.locate(ctx);
    if (located === null) announce(ctx, engine.id, await engine.sources(ctx));
    return located ?? engine.install(ctx);
  });
  host.stdout.write(`${engine.id} ${installed.version} (${installed.source}) ${installed.path}\n`);
  return ExitCode.ok;
}

/** `bench engine start`: prints the URL of an engine that goes on without this process. */
export async function startEngine(
  id: string,
  settings: EngineStartSettings,
  host: Host,
): Promise<ExitCode> {
  const engine = findEngine(id);
  const started = await withContext(host, async (ctx) => {
    const [first] = engine.models.list();
    const wanted = {
      ...settings,
      quant: null,
      model: settings.model ?? (settings.modelPath === null ? (first?.id ?? null) : null),
    };
    const { installed, model } = await fetchEngineAndModel(wanted, id, ctx);
    const slots = settings.slots ?? engine.defaults.slots;
    const perSlot = settings.contextTokens ?? Math.floor(engine.defaults.contextTokens / slots);
    return startSupervised(ctx, {
      installed,
      idleTimeoutMs: settings.idleTimeout === 0 ? null : settings.idleTimeout * 1000,
      options: {
        modelPath: model.path,
        modelName: settings.model ?? model.id,
        host: '127.0.0.1',
        port: settings.port,
        slots,
        contextTokens: perSlot * slots,
        threads: settings.threads,
        extraArgs: settings.engineArg,
        startupTimeoutMs: engine.defaults.startupTimeoutMs,
      },
    });
  });
  host.stdout.write(`${started.url}\n`);
  host.stderr.write(
    `${started.id} serves ${started.model}; measure it with:\n  bench run llm.inference --endpoint ${started.url} --model ${started.model}\nstop it with:\n  bench engine stop ${started.id}\n`,
  );
  return ExitCode.ok;
}

/** `bench engine stop`: one, or all. */
export async function stopEngine(id: string | null, host: Host): Promise<ExitCode> {
  await withContext(host, async (ctx) => {
    const ids =
      id === null ? (await listSupervised(cacheLayout(ctx))).map((entry) => entry.id) : [id];
    for (const one of ids) {
      await stopSupervised(ctx, one);
      host.stdout.write(`stopped ${one}\n`);
    }
    if (ids.length === 0) host.stderr.write('No engine was started by `bench engine start`.\n');
  });
  return ExitCode.ok;
}

/** `bench engine list`: what there is, and what runs. */
export async function listEngines(options: { json: boolean }, host: Host): Promise<ExitCode> {
  const { known, running } = await withContext(host, async (ctx) => ({
    known: await Promise.all(
      engines.list().map(async (engine) => ({
        id: engine.id,
        title: engine.title,
        installed: await engine.locate(ctx),
        sources: await engine.sources(ctx),
        models: engine.models.list().map((model) => model.id),
      })),
    ),
    running: await listSupervised(cacheLayout(ctx)),
  }));
  if (options.json) {
    host.stdout.write(`${JSON.stringify({ engines: known, running }, null, 2)}\n`);
    return ExitCode.ok;
  }
  for (const { id, title, installed, models, sources } of known) {
    const where =
      installed === null
        ? `not installed; bench engine install ${id} takes it from ${sources
            .filter((source) => source.unavailable === null)
            .map((source) => source.from)
            .join(', or ')}`
        : `${installed.version} (${installed.source}) ${installed.path}`;
    host.stdout.write(`${id}  ${title}\n  ${where}\n  models: ${models.join(', ')}\n`);
  }
  if (running.length > 0) host.stdout.write('\nRunning:\n');
  for (const entry of running) {
    host.stdout.write(`  ${entry.id}  ${entry.status}  ${entry.model}  ${entry.url}\n`);
  }
  return ExitCode.ok;
}

/** `bench engine logs`: of one, or of the one started last. */
export async function showEngineLog(
  id: string | null,
  lines: number,
  host: Host,
): Promise<ExitCode> {
  await withContext(host, async (ctx) => {
    const running = await listSupervised(cacheLayout(ctx));
    const newest = [...running].sort((a, b) => b.startedAtMs - a.startedAtMs)[0]?.id;
    const wanted = id ?? newest;
    if (wanted === undefined) {
      host.stderr.write('No engine was started by `bench engine start`.\n');
      return;
    }
    for (const line of await readSupervisedLog(ctx, wanted, lines)) host.stdout.write(`${line}\n`);
  });
  return ExitCode.ok;
}

/** `bench model pull`. */
export async function pullModel(id: string, host: Host): Promise<ExitCode> {
  const model = await withContext(host, async (ctx) => {
    const catalog = catalogOf(id);
    const located = await catalog.locate(ctx, id);
    if (located === null) announce(ctx, id, await catalog.sources(ctx, id));
    return located ?? catalog.pull(ctx, id);
  });
  host.stdout.write(`${model.id} ${model.quant ?? ''} (${model.source}) ${model.path}\n`);
  return ExitCode.ok;
}

/** The catalog that knows the model; the first one's error names the known ids. */
function catalogOf(id: string) {
  const catalogs = engines.list().map((engine) => engine.models);
  const knowing = catalogs.find((catalog) => catalog.list().some((model) => model.id === id));
  const [first] = catalogs;
  if (knowing ?? first) return (knowing ?? first) as NonNullable<typeof first>;
  throw new Error('no engine is registered');
}

/** `bench model list`. */
export async function listModels(options: { json: boolean }, host: Host): Promise<ExitCode> {
  const models = await withContext(host, (ctx) =>
    Promise.all(
      engines.list().flatMap((engine) =>
        engine.models.list().map(async (spec) => ({
          ...spec,
          engine: engine.id,
          local: await engine.models.locate(ctx, spec.id),
        })),
      ),
    ),
  );
  if (options.json) {
    host.stdout.write(`${JSON.stringify({ models }, null, 2)}\n`);
    return ExitCode.ok;
  }
  for (const model of models) {
    const size = `${(model.bytes / 1e6).toFixed(0)} MB`;
    host.stdout.write(
      `${model.id}  ${model.title} ${model.quant}, ${size}, ${model.license}, for ${model.engine}\n  ${model.local === null ? `not here; bench model pull ${model.id}` : model.local.path}\n`,
    );
  }
  return ExitCode.ok;
}

/** `bench doctor`: exit 3 when a check fails. */
export async function runDoctorCommand(
  options: { endpoint: string | null; json: boolean },
  host: Host,
): Promise<ExitCode> {
  const checks = await withContext(host, (ctx) =>
    runDoctor(ctx, options.endpoint === null ? {} : { endpoint: options.endpoint }),
  );
  if (options.json) host.stdout.write(`${JSON.stringify({ checks }, null, 2)}\n`);
  else {
    const width = Math.max(...checks.map(({ check }) => check.length));
    for (const { check, status, message, hint } of checks) {
      host.stdout.write(`${status.padEnd(4)}  ${check.padEnd(width)}  ${message}\n`);
      if (hint !== null) host.stdout.write(`${' '.repeat(width + 8)}${hint}\n`);
    }
  }
  return checks.some(({ status }) => status === 'fail') ? ExitCode.prerequisite : ExitCode.ok;
}
