import { mkdir, rm } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import {
  type CheckSoFar,
  checkQuestionSet,
  checkScenario,
  type FolderToTry,
  findRules,
  findScenario,
  lockTrial,
  type StoredReference,
  type StoredScenario,
  scoreTrial,
} from '../../../arena/index.ts';
import { BenchError, ExitCode, type Host } from '../../../core/index.ts';
import type { EngineContext } from '../../../engines/index.ts';
import { describeEnvironment, packageVersion } from '../../../host/index.ts';
import {
  type ScenarioCheck,
  type ScenarioCheckPart,
  scenarioCheckParts,
} from '../../../model/index.ts';
import { renderScenarioCheck, shellQuote } from '../../../report/index.ts';
import { createRunId, writeFileAtomic } from '../../../results/index.ts';
import type { Sandbox } from '../../../sandbox/index.ts';
import { withContext } from '../../with-context.ts';
import { chooseSandbox } from '../choose-sandbox.ts';
import { inNewFolder } from '../claim-folder.ts';
import { chooseQuestions } from '../judge/choose-questions.ts';
import { defaultDiskBytes, portsFor } from '../judge/judge-folder.ts';
import { judgeToTrial } from '../judge/judge-to-trial.ts';
import { requireFetched } from '../judge/prepare-model.ts';
import { type ReferenceWanted, readReference } from '../judge/reference-file.ts';
import { machineOf, shownFolder } from '../trial-output.ts';
import { type Cheat, readCheats, shippedCheats } from './cheats.ts';
import type { ScenarioCheckSettings } from './check-settings.ts';
import { checkFile, readEarlierCheck, requireEarlierCheck } from './earlier-check.ts';
import { freezeNoiseFloor } from './freeze-noise-floor.ts';
import {
  type Needed,
  placeCheat,
  placeEmpty,
  placeOracle,
  placeReference,
} from './place-folders.ts';

/** What is judged is put together there. */
const workFolder = 'folders';

/**
 * `bench arena scenario check`: judges everything that a scenario has to tell apart.
 * @returns 0 as it should be, 5 not accepted, 6 where the arena failed
 * @throws BenchError USAGE_*, PREREQ_*, RESULT_*, INTERRUPTED
 */
export async function runScenarioCheck(
  name: string,
  settings: ScenarioCheckSettings,
  host: Host,
): Promise<ExitCode> {
  const stored = await findScenario(name, host.cwd);
  requireFetched({ stored, class: settings.class }, settings.modelPath);
  const cheatsDir = settings.cheats === null ? shippedCheats : resolve(host.cwd, settings.cheats);
  const asked = chooseParts(settings.only, await readCheats(cheatsDir));
  const id = `check-${createRunId(host.clock)}`;
  const { resume } = settings;
  if (resume !== null && settings.output !== null) {
    throw new BenchError('USAGE_CONFLICT', '--resume and --output are given together.', {
      hint: 'A check that goes on writes to its own folder: leave --output away.',
    });
  }
  if (resume !== null && (settings.only !== null || settings.freezeNoiseFloor)) {
    const other = settings.freezeNoiseFloor ? '--freeze-noise-floor' : '--only';
    throw new BenchError('USAGE_CONFLICT', `--resume and ${other} are given together.`, {
      hint: `A check goes on with what was asked for when it was begun: leave ${other} away.`,
    });
  }
  const outputDir = resolve(host.cwd, resume ?? settings.output ?? join('arena-results', id));
  if (resume !== null) await requireEarlierCheck(outputDir, resume);
  const work = () =>
    withContext(
      host,
      async (ctx) => {
        const sandbox = await chooseSandbox(ctx, settings.sandbox);
        if (settings.freezeNoiseFloor) {
          const { modelPath, startupTimeout: startupTimeoutS } = settings;
          const text = await freezeNoiseFloor(ctx, {
            ...{ stored, class: settings.class, outputDir, startupTimeoutS, sandbox },
            modelPath: modelPath === null ? null : resolve(host.cwd, modelPath),
          });
          host.stdout.write(text);
          return ExitCode.ok;
        }
        const release = await lockTrial(outputDir);
        let check: ScenarioCheck;
        try {
          check = await tryAll(ctx, { stored, settings, asked, outputDir, id, host, sandbox });
          await rm(join(outputDir, workFolder), { recursive: true, force: true });
          await writeFileAtomic(join(outputDir, checkFile), asJson(check));
        } finally {
          await release();
        }
        host.stdout.write(
          settings.json
            ? asJson(check)
            : renderScenarioCheck(check, relative(host.cwd, join(outputDir, checkFile)), {
                columns: host.stdout.isTTY ? host.stdout.columns : 100,
                color: host.stdout.isTTY && host.env['NO_COLOR'] === undefined,
              }),
        );
        if (check.accepted === false) return ExitCode.slo;
        return check.folders.some(({ verdict }) => verdict === 'unknown')
          ? ExitCode.invalid
          : ExitCode.ok;
      },
      {
        plain: true,
        interruptHint: settings.freezeNoiseFloor
          ? 'Nothing of it is kept: it begins anew the next time.'
          : `What was judged is kept. Go on with --resume ${shellQuote(shownFolder(host.cwd, outputDir))} in place of --output and --only.`,
      },
    );
  return resume === null ? inNewFolder(outputDir, settings.output, work) : work();
}

interface Asked {
  parts: ScenarioCheckPart[];
  cheats: Cheat[];
  leftOut: string[];
}

/** @throws BenchError USAGE_BAD_VALUE */
function chooseParts(only: readonly string[] | null, cheats: readonly Cheat[]): Asked {
  if (only === null) return { parts: [...scenarioCheckParts], cheats: [...cheats], leftOut: [] };
  const isPart = (word: string) => scenarioCheckParts.some((part) => part === word);
  const unknown = only.find((word) => !isPart(word) && !cheats.some(({ id }) => id === word));
  if (unknown !== undefined) {
    throw new BenchError('USAGE_BAD_VALUE', `--only: there is no part or cheat "${unknown}".`, {
      hint: `Parts: ${scenarioCheckParts.join(', ')}; cheats: ${cheats.map(({ id }) => id).join(', ')}.`,
    });
  }
  const all = only.includes('cheats');
  const chosen = cheats.filter(({ id }) => all || only.includes(id));
  return {
    parts: scenarioCheckParts.filter(
      (part) => only.includes(part) || (part === 'cheats' && chosen.length > 0),
    ),
    cheats: chosen,
    leftOut:
      chosen.length === 0 ? [] : cheats.filter((one) => !chosen.includes(one)).map((one) => one.id),
  };
}

/** Of a check that goes on. */
function askedThen({ parts, leftOut }: ScenarioCheck, all: Asked): Asked {
  const tried = parts.includes('cheats') ? all.cheats : [];
  return { parts, leftOut, cheats: tried.filter(({ id }) => !leftOut.includes(id)) };
}

async function tryAll(
  ctx: EngineContext,
  options: {
    stored: StoredScenario;
    settings: ScenarioCheckSettings;
    asked: Asked;
    outputDir: string;
    id: string;
    host: Host;
    sandbox: Sandbox;
  },
): Promise<ScenarioCheck> {
  const { stored, settings, outputDir, id, host, sandbox } = options;
  const size = stored.scenario.classes[settings.class];
  const startedMs = host.clock.wallMs();
  const machine = machineOf(await describeEnvironment());
  const version = packageVersion();
  const rules = await findRules(stored.scenario.scoring);
  const scene = { stored, class: settings.class };
  const modelPath = settings.modelPath === null ? null : resolve(host.cwd, settings.modelPath);
  const startupTimeoutS = settings.startupTimeout;
  const say = (message: string) => ctx.emit({ kind: 'phase', name: 'measure', message });
  const questions = await chooseQuestions(scene, { given: settings.questions, cwd: host.cwd }, say);
  const triedWith = { modelPath, questionsSha256: questions.sha256 };
  const earlier =
    settings.resume === null
      ? null
      : await readEarlierCheck(outputDir, {
          ...{ version, machine, sandbox: sandbox.id, with: triedWith },
          ...{ sha256: stored.sha256, class: settings.class },
        });
  const asked = earlier === null ? options.asked : askedThen(earlier, options.asked);
  const holdsFor: ReferenceWanted = {
    ...{ version, machine, class: settings.class, nowMs: startedMs },
    ...{ scenarioSha256: stored.sha256, questionsSha256: questions.sha256 },
  };
  const reference =
    settings.reference === null
      ? await referenceOf(outputDir, earlier, holdsFor)
      : await readReference(resolve(host.cwd, settings.reference), holdsFor);
  const work = join(outputDir, workFolder);
  // Of the judgement that was cut short.
  await rm(work, { recursive: true, force: true });
  const placed = await placeAll(ctx, { scene: { ...scene, sandbox }, asked, work });
  const folders = placed.map(({ folder }) => folder);
  const told = earlier?.folders.filter(({ verdict }) => verdict !== 'unknown') ?? [];
  const left = folders.filter((folder) => !told.some((one) => one.id === folder.id));
  if (earlier !== null) say(`told before: ${told.map((one) => one.id).join(', ') || 'nothing'}`);
  if (left.length > 0) say(announceFolders(left.length));
  const checkOf = (result: CheckSoFar): ScenarioCheck => ({
    schema: 'inferencebench.scenario-check.v1',
    tool: { name: 'inferencebench', version },
    startedAt: earlier?.startedAt ?? new Date(startedMs).toISOString(),
    endedAt: new Date(host.clock.wallMs()).toISOString(),
    machine,
    sandbox: { id: sandbox.id, isolates: sandbox.isolates },
    scenario: { id: stored.scenario.id, sha256: stored.sha256, class: settings.class },
    with: triedWith,
    parts: asked.parts,
    leftOut: asked.leftOut,
    ...result,
  });
  const keep = (result: CheckSoFar) =>
    writeFileAtomic(join(outputDir, checkFile), asJson(checkOf(result)));
  const result = await checkScenario(
    { parts: asked.parts, folders, leftOut: asked.leftOut, reference, earlier },
    {
      ...{ say, keep },
      async askQuestions() {
        const { quality } = size;
        if (quality === null) return null;
        say('asking the reference the questions, twice');
        const workDir = join(work, 'questions');
        await mkdir(workDir, { recursive: true });
        const ports = await portsFor(ctx, {
          ...{ ...scene, workDir, modelPath, startupTimeoutS, sandbox },
          diskBytes: defaultDiskBytes,
        });
        const [pair] = size.seeds;
        const asked = { seed: `check/${pair?.eval ?? 0}`, set: questions };
        return checkQuestionSet({ ...size, quality }, asked, ports);
      },
      async judge(folder, known) {
        say(`judging ${folder.id}`);
        const startUs = ctx.clock.nowUs();
        // Half a judgement of before.
        await rm(join(outputDir, folder.id), { recursive: true, force: true });
        const { trial, judgement } = await judgeToTrial(ctx, {
          ...{ ...scene, version, machine, modelPath, startupTimeoutS, questions },
          submissionDir: join(work, folder.id),
          outputDir: join(outputDir, folder.id),
          trialId: `${id}-${folder.id}`,
          ...{ forceEngine: null, storedReference: known, sandbox, diskBytes: defaultDiskBytes },
          needed: placed.find((one) => one.folder === folder)?.needed ?? [],
        });
        const tookS = (ctx.clock.nowUs() - startUs) / 1e6;
        const score = scoreTrial(trial, rules, folder.id);
        return { trial, score, judgement, tookS, path: folder.id };
      },
    },
  );
  return checkOf(result);
}

const announceFolders = (count: number) =>
  `${count === 1 ? '1 folder is judged.' : `${count} folders are judged, one after the other.`} Each takes what bench arena judge takes with this scenario (decode, class small, on 2 cores: 5 to 8 minutes); those that never serve take less.`;

/** What an earlier judgement of the same check measured; null = there is none that still holds. */
async function referenceOf(
  outputDir: string,
  earlier: ScenarioCheck | null,
  wanted: ReferenceWanted,
): Promise<StoredReference | null> {
  for (const { trial } of earlier?.folders ?? []) {
    const known = await readReference(join(outputDir, trial, 'reference.json'), wanted).catch(
      () => null,
    );
    if (known !== null) return known;
  }
  return null;
}

/** Everything that is to be judged, in a folder each, before the first judgement. */
async function placeAll(
  ctx: EngineContext,
  {
    scene,
    asked,
    work,
  }: {
    scene: { stored: StoredScenario; class: ScenarioCheckSettings['class']; sandbox: Sandbox };
    asked: Asked;
    work: string;
  },
): Promise<Placed[]> {
  await mkdir(work, { recursive: true });
  const folders: Placed[] = [];
  const { isolates } = scene.sandbox;
  const place = { reference: placeReference, oracle: placeOracle };
  for (const part of ['reference', 'oracle'] as const) {
    if (!asked.parts.includes(part)) continue;
    const needed = await place[part](ctx, scene, join(work, part));
    folders.push({ folder: { ...honest, id: part, part }, needed });
  }
  if (asked.parts.includes('empty')) {
    await placeEmpty(join(work, 'empty'));
    folders.push({ folder: { ...honest, id: 'empty', part: 'empty' }, needed: [] });
  }
  if (asked.cheats.length === 0) return folders;
  const oracle = join(work, 'honest');
  await placeOracle(ctx, scene, oracle);
  for (const cheat of asked.cheats) {
    const stateFile = join(isolates ? '/tmp' : work, `${cheat.id}.state`);
    const needed = await placeCheat(scene, cheat, { oracle, stateFile }, join(work, cheat.id));
    const { id, writtenAgainst } = cheat;
    const prevented = isolates && cheat.needs !== null ? nothingLasts : null;
    folders.push({ folder: { id, part: 'cheats', writtenAgainst, prevented }, needed });
  }
  return folders;
}

/** A folder that is ready to be judged, and what it needs of this machine. */
interface Placed {
  folder: FolderToTry;
  needed: Needed;
}

const honest = { writtenAgainst: null, prevented: null };
const nothingLasts = 'in the sandbox, nothing that a launch writes is there in the next one';

const asJson = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
