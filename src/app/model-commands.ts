import { resolve } from 'node:path';
import { ExitCode, type Host } from '../core/index.ts';
import {
  type ConvertOrder,
  converterAt,
  convertModel,
  type EngineContext,
  engines,
  type LocalModel,
  type ModelSpec,
  requireConverter,
} from '../engines/index.ts';
import { announce } from './open-target.ts';
import { withContext } from './with-context.ts';

/** `bench model pull`. */
export async function pullModel(id: string, host: Host): Promise<ExitCode> {
  const model = await withContext(host, (ctx) => pulled(ctx, id));
  host.stdout.write(`${model.id} ${model.quant ?? ''} (${model.source}) ${model.path}\n`);
  return ExitCode.ok;
}

/** `bench model convert`: GGUF to Hugging Face format. */
export async function convertModelCommand(
  source: string,
  folder: string,
  options: { enginePath: string | null; dtype: ConvertOrder['dtype'] },
  host: Host,
): Promise<ExitCode> {
  const { enginePath, dtype } = options;
  const target = resolve(host.cwd, folder);
  const written = await withContext(host, async (ctx) => {
    const python = await (enginePath === null
      ? requireConverter(ctx)
      : converterAt(ctx, enginePath));
    const isFile = /\.gguf$/i.test(source);
    const path = isFile ? resolve(host.cwd, source) : (await pulled(ctx, source)).path;
    return convertModel(ctx, python, { source: path, folder: target, dtype });
  });
  host.stdout.write(`${target}\n  weights ${written.weights}\n`);
  for (const [name, bytes] of Object.entries(written.files)) {
    host.stdout.write(`  ${name}  ${(bytes / 1e6).toFixed(1)} MB\n`);
  }
  return ExitCode.ok;
}

/** The model of that name, fetched when it is missing. */
async function pulled(ctx: EngineContext, id: string): Promise<LocalModel> {
  const catalog = catalogOf(id);
  const located = await catalog.locate(ctx, id);
  if (located === null) announce(ctx, id, await catalog.sources(ctx, id));
  return located ?? catalog.pull(ctx, id);
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
  const ids = [...new Set(engines.list().flatMap(({ models }) => models.list().map(idOf)))];
  const models = await withContext(host, (ctx) =>
    Promise.all(
      ids.map(async (id) => {
        const catalog = catalogOf(id);
        const serving = engines.list().filter((engine) => engine.models.list().some(is(id)));
        const spec = catalog.list().find(is(id)) as ModelSpec;
        return { ...spec, engines: serving.map(idOf), local: await catalog.locate(ctx, id) };
      }),
    ),
  );
  if (options.json) {
    host.stdout.write(`${JSON.stringify({ models }, null, 2)}\n`);
    return ExitCode.ok;
  }
  for (const model of models) {
    const size = `${(model.bytes / 1e6).toFixed(0)} MB`;
    host.stdout.write(
      `${model.id}  ${model.title} ${model.quant}, ${size}, ${model.license}, for ${model.engines.join(', ')}\n  ${model.local === null ? `not here; bench model pull ${model.id}` : model.local.path}\n`,
    );
  }
  return ExitCode.ok;
}

const idOf = ({ id }: { id: string }) => id;
const is = (id: string) => (entry: { id: string }) => entry.id === id;
