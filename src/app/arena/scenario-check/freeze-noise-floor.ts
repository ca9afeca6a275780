import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { measureNoiseFloor, type StoredScenario } from '../../../arena/index.ts';
import type { EngineContext } from '../../../engines/index.ts';
import { describeEnvironment, packageVersion } from '../../../host/index.ts';
import type { NoiseFloor, ScenarioClass } from '../../../model/index.ts';
import { writeFileAtomic } from '../../../results/index.ts';
import type { Sandbox } from '../../../sandbox/index.ts';
import { defaultDiskBytes, portsFor } from '../judge/judge-folder.ts';
import { machineOf } from '../trial-output.ts';
import { placeVariants } from './place-folders.ts';

/**
 * Measures honest variants against the reference, for `classes.CLASS.noiseFloor` of scenario.json.
 * @returns the JSON that goes there; the same is in noise-floor.json
 * @throws BenchError PREREQ_*, ENGINE_*
 */
export async function freezeNoiseFloor(
  ctx: EngineContext,
  options: {
    stored: StoredScenario;
    class: ScenarioClass;
    outputDir: string;
    modelPath: string | null;
    startupTimeoutS: number | null;
    sandbox: Sandbox;
  },
): Promise<string> {
  const { stored, outputDir, modelPath, startupTimeoutS, sandbox } = options;
  const scene = { stored, class: options.class, sandbox };
  const size = stored.scenario.classes[options.class];
  const work = join(outputDir, 'folders');
  const workDir = join(work, 'judge');
  await mkdir(workDir, { recursive: true });
  const { variants, versions, needed } = await placeVariants(ctx, scene, join(work, 'variants'));
  const ports = await portsFor(ctx, {
    ...{ ...scene, workDir, modelPath, startupTimeoutS, needed },
    diskBytes: defaultDiskBytes,
  });
  ports.say(
    `${variants.length} honest variants answer 16 prompts alone, in bursts and at the scenario's temperature.`,
  );
  const [pair] = size.seeds;
  const measured = await measureNoiseFloor(size, `noise/${pair?.eval ?? 0}`, variants, ports);
  const floor: NoiseFloor = {
    measuredOn: new Date(ctx.clock.wallMs()).toISOString().slice(0, 10),
    how: `bench arena scenario check ${stored.scenario.id} --class ${options.class} --freeze-noise-floor`,
    machine: machineOf(await describeEnvironment()),
    versions: { bench: packageVersion(), ...versions },
    variants: measured,
  };
  const text = `${JSON.stringify(floor, null, 2)}\n`;
  await writeFileAtomic(join(outputDir, 'noise-floor.json'), text);
  await rm(work, { recursive: true, force: true });
  return text;
}
