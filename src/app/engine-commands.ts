import { BenchError, ExitCode, type Host } from '../core/index.ts';
import {
  cacheLayout,
  engines,
  findEngine,
  listSupervised,
  newestLog,
  readSupervisedLog,
  startSupervised,
  stopSupervised,
  surveyEngine,
} from '../engines/index.ts';
import { announce, fetchEngineAndModel } from './open-target.ts';
import type { EngineStartSettings } from './settings.ts';
import { withContext } from './with-context.ts';

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
    if (first === undefined && settings.model === null && settings.modelPath === null) {
      throw new BenchError('USAGE_NO_MODEL', `${engine.id} needs a model.`, {
        hint: 'Give --model ID, or --model-path.',
      });
    }
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

/** `bench engine list`: what there is, whether it can run here, and what runs. */
export async function listEngines(options: { json: boolean }, host: Host): Promise<ExitCode> {
  const { known, running } = await withContext(host, async (ctx) => ({
    known: await Promise.all(
      engines.list().map(async (engine) => ({
        id: engine.id,
        aliases: engine.aliases,
        title: engine.title,
        ...(await surveyEngine(ctx, engine)),
        models: engine.models.list().map((model) => model.id),
        modelFormats: engine.capabilities.modelFormats,
        tunables: engine.tunables,
      })),
    ),
    running: await listSupervised(cacheLayout(ctx)),
  }));
  if (options.json) {
    host.stdout.write(`${JSON.stringify({ engines: known, running }, null, 2)}\n`);
    return ExitCode.ok;
  }
  for (const { id, aliases, title, installed, obstacle, models, modelFormats } of known) {
    const where =
      installed === null ? '' : `${installed.version} (${installed.source}) ${installed.path}\n  `;
    const here =
      obstacle === null
        ? 'can run here'
        : `cannot run here yet: ${obstacle} See bench engine doctor ${id}`;
    const files = `--model-path (${modelFormats.join(', ')})`;
    const also = aliases.length === 0 ? '' : ` (also ${aliases.join(', ')})`;
    host.stdout.write(
      `${id}${also}  ${title}\n  ${where}${here}\n  models: ${[...models, files].join(', ')}\n`,
    );
  }
  if (running.length > 0) host.stdout.write('\nRunning:\n');
  for (const entry of running) {
    host.stdout.write(`  ${entry.id}  ${entry.status}  ${entry.model}  ${entry.url}\n`);
  }
  return ExitCode.ok;
}

/** `bench engine logs`: of one, or of the one that wrote last, stopped ones included. */
export async function showEngineLog(
  id: string | null,
  lines: number,
  host: Host,
): Promise<ExitCode> {
  await withContext(host, async (ctx) => {
    const wanted = id ?? (await newestLog(cacheLayout(ctx)));
    if (wanted === null) {
      throw new BenchError('PREREQ_NO_LOG', 'No engine was started by `bench engine start`.', {
        hint: 'An engine that `bench run` started logs to engine.log in the result folder.',
      });
    }
    for (const line of await readSupervisedLog(ctx, wanted, lines)) host.stdout.write(`${line}\n`);
  });
  return ExitCode.ok;
}
