import { chmod, copyFile, cp, mkdir, readdir, realpath, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { execPath } from 'node:process';
import {
  launcherFolder,
  mountsOfPython,
  type StoredScenario,
  type VariantToMeasure,
} from '../../../arena/index.ts';
import { BenchError, packageFile } from '../../../core/index.ts';
import {
  chooseThreads,
  type EngineContext,
  findEngine,
  type InstalledEngine,
  pytorchLaunchScript,
} from '../../../engines/index.ts';
import type { ScenarioClass, ScenarioSize } from '../../../model/index.ts';
import type { Sandbox, SandboxMount } from '../../../sandbox/index.ts';
import { announce } from '../../open-target.ts';
import type { Cheat } from './cheats.ts';

const launcher = 'start_server.sh';
/** As the judge's own reference where the class has no accelerator. */
const onCpu = ['--device', 'cpu'];

interface Scene {
  stored: StoredScenario;
  class: ScenarioClass;
  /** That it will be judged in. */
  sandbox: Sandbox;
}

/** What a folder needs of this machine beside what every launch is given. */
export type Needed = readonly SandboxMount[];

const sizeOf = ({ stored, class: size }: Scene): ScenarioSize => stored.scenario.classes[size];

/** The reference as a submission: a script that starts it. @throws BenchError PREREQ_* */
export async function placeReference(
  ctx: EngineContext,
  scene: Scene,
  into: string,
): Promise<Needed> {
  const { reference, maxModelTokens } = sizeOf(scene);
  if (reference.kind === 'launcher') {
    const folder = await launcherFolder(scene.stored.dir, 'reference', scene.class);
    if (folder === null) throw noLauncher(scene, 'reference');
    await placeCopy(folder, into);
    return [];
  }
  const { script, needed } = await pytorchAsSubmission(ctx, scene);
  await placeScript(into, script(maxModelTokens));
  return needed;
}

/** How a launcher starts the reference where its Python and its files are shown, and what is to be shown. */
async function pytorchAsSubmission(ctx: EngineContext, scene: Scene) {
  const installed = await requireEngine(ctx, 'pytorch');
  const files = { from: packageFile('assets/pytorch-reference'), to: '/reference' };
  const server = join(scene.sandbox.placeOf(files), 'serve.py');
  const device = sizeOf(scene).limits.accelerator === null ? onCpu : [];
  const { cpuCount } = ctx;
  return {
    version: installed.version,
    needed: [files, ...(await mountsOfPython(installed.path))],
    script: (contextTokens: number, args: readonly string[] = []) =>
      pytorchLaunchScript(installed, {
        ...{ cpuCount, contextTokens, server },
        args: [...args, ...device],
      }),
  };
}

/**
 * A submission that is tuned: the scenario's own, or, of the small class, llama.cpp with a slot for
 * each request in flight and threads that leave the client a core.
 * @throws BenchError PREREQ_ENGINE, USAGE_SCENARIO_FILE
 */
export async function placeOracle(ctx: EngineContext, scene: Scene, into: string): Promise<Needed> {
  const folder = await launcherFolder(scene.stored.dir, 'oracle', scene.class);
  if (folder !== null) {
    await placeCopy(folder, into);
    return [];
  }
  if (scene.class !== 'small') throw noLauncher(scene, 'oracle');
  await requireEngine(ctx, 'llama.cpp');
  const size = sizeOf(scene);
  const slots = Math.max(...size.profiles.map((one) => one.maxInFlight));
  const threads = Math.min(size.limits.cpus, chooseThreads(ctx.cpuCount));
  const context = String(slots * size.maxModelTokens);
  const args = ['--parallel', String(slots), '--ctx-size', context, '--threads', String(threads)];
  await placeScript(into, llamaCppScript(args));
  return [];
}

const llamaCppScript = (args: readonly string[]) => `#!/bin/sh
exec "$BENCH_ENGINES/bin/llama.cpp-server" --model "$MODEL_PATH/model.gguf" --alias "$MODEL_NAME" \\
  --host "$HOST" --port "$PORT" ${args.join(' ')}
`;

/** Found, or fetched after it was said. @throws BenchError PREREQ_* */
async function requireEngine(ctx: EngineContext, id: string): Promise<InstalledEngine> {
  const engine = findEngine(id);
  const located = await engine.locate(ctx);
  if (located !== null) return located;
  announce(ctx, engine.id, await engine.sources(ctx));
  return engine.install(ctx);
}

/** Honest servers of other arithmetic, each in a folder below `into`. @throws BenchError PREREQ_* */
export async function placeVariants(
  ctx: EngineContext,
  scene: Scene,
  into: string,
): Promise<{ variants: VariantToMeasure[]; versions: Record<string, string>; needed: Needed }> {
  const { reference, maxModelTokens } = sizeOf(scene);
  const variants: VariantToMeasure[] = [];
  const versions: Record<string, string> = {};
  const place = async (id: string, description: string, text: string | null) => {
    const folder = join(into, id);
    await (text === null ? placeOracle(ctx, scene, folder) : placeScript(folder, text));
    variants.push({ id, description, folder });
  };
  // A launcher that is its own witness serves a model that no engine of ours knows.
  if (reference.kind === 'launcher' && reference.witness !== 'pytorch') {
    await place('oracle', "the scenario's oracle", null);
    return { variants, versions, needed: [] };
  }
  const { version, script, needed } = await pytorchAsSubmission(ctx, scene);
  versions['pytorch'] = version;
  await place(
    'pytorch-bfloat16',
    'the PyTorch reference in bfloat16 instead of float32',
    script(maxModelTokens, ['--dtype', 'bfloat16']),
  );
  if (scene.class !== 'small') return { variants, versions, needed };
  versions['llama.cpp'] = (await requireEngine(ctx, 'llama.cpp')).version;
  const slots = ['--parallel', '8', '--ctx-size', String(8 * maxModelTokens)];
  await place('llama.cpp', 'llama.cpp with its defaults', llamaCppScript([]));
  await place('llama.cpp-8-slots', 'llama.cpp, batches of up to 8', llamaCppScript(slots));
  await place(
    'llama.cpp-q8-keys',
    'llama.cpp with 8-bit keys in its cache',
    llamaCppScript(['--cache-type-k', 'q8_0']),
  );
  return { variants, versions, needed };
}

/** It does nothing. */
export const placeEmpty = (into: string) => placeScript(into, '#!/bin/sh\n');

/**
 * A cheat in front of the oracle; what everybody may know of the scenario lies beside it.
 * @param stateFile a place that it can write, as it sees it; in a sandbox no launch finds it again
 */
export async function placeCheat(
  scene: Scene,
  cheat: Cheat,
  { oracle, stateFile }: { oracle: string; stateFile: string },
  into: string,
): Promise<Needed> {
  await mkdir(into, { recursive: true });
  for (const path of cheat.files) await copyFile(path, join(into, basename(path)));
  await cp(oracle, join(into, 'honest'), { recursive: true });
  const { temperature, ignoreEos } = sizeOf(scene);
  await writeFile(join(into, 'facts.json'), JSON.stringify({ temperature, ignoreEos, stateFile }));
  if (!cheat.files.some((path) => basename(path) === launcher)) {
    await writeFile(join(into, launcher), `#!/bin/sh\nexec '${execPath}' main.mjs\n`);
  }
  await declareAll(into);
  // Its Node is this one, and may lie outside of the system's folders.
  return execPath.startsWith('/usr/') ? [] : [{ from: await realpath(execPath), to: execPath }];
}

async function placeScript(into: string, text: string) {
  await mkdir(into, { recursive: true });
  await writeFile(join(into, launcher), text);
  await declareAll(into);
}

async function placeCopy(from: string, into: string) {
  await cp(from, into, { recursive: true });
  await declareAll(into);
}

/** Everything in the folder goes with it. */
async function declareAll(folder: string) {
  await chmod(join(folder, launcher), 0o755);
  const files = (await readdir(folder)).filter((name) => name !== 'submission.json');
  await writeFile(join(folder, 'submission.json'), JSON.stringify({ files }));
}

const noLauncher = ({ stored, class: size }: Scene, role: 'reference' | 'oracle') =>
  new BenchError(
    'USAGE_SCENARIO_FILE',
    `Scenario "${stored.scenario.id}" has no ${role}/${launcher} for class ${size}.`,
    {
      hint: `Put it into ${role}/${size}/ or ${role}/ in its folder, or leave this part out with --only.`,
    },
  );
