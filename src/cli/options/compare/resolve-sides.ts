import type { RunSettings, SideAsked } from '../../../app/index.ts';
import { BenchError } from '../../../core/index.ts';
import { parseUrl } from '../option.ts';
import { configKeys, longFlag, resolveOptions } from '../resolve.ts';
import { checkRunSettings, isOpenai, runOptions, withoutOpenai } from '../run/index.ts';
import { readSidePart, type SidePart } from './side-parts.ts';

export interface SidesGiven {
  /** Words without a flag: A, B. */
  words: readonly string[];
  a: readonly string[];
  b: readonly string[];
  engine: readonly string[];
  endpoint: readonly string[];
  /** Text of --toggle without the optimisation's name. */
  toggle: string | null;
  aa: boolean;
  /** Raw flags that hold for both. */
  common: Readonly<Record<string, unknown>>;
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
}

/**
 * The two sides, each with all its settings. What a side says of itself wins over what holds for
 * both. With nothing that tells them apart they are one: A/A.
 *
 * @throws BenchError USAGE_*
 */
export async function resolveSides(
  given: SidesGiven,
): Promise<{ sides: [SideAsked, SideAsked]; oneSide: boolean }> {
  const { words, engine, endpoint } = given;
  if (words.length > 2) {
    throw new BenchError('USAGE_COMPARE_SIDES', `${words.length} sides: ${words.join(' ')}.`, {
      hint: 'Two are compared. Several results of one side: separate them by commas, or repeat --a and --b.',
    });
  }
  for (const [flag, values] of [
    ['--engine', engine],
    ['--endpoint', endpoint],
  ] as const) {
    if (values.length > 2) {
      throw new BenchError('USAGE_COMPARE_SIDES', `${flag} was given ${values.length} times.`, {
        hint: 'Once for both sides, or twice: one for each.',
      });
    }
  }
  const oneSide =
    words.length < 2 &&
    given.a.length + given.b.length === 0 &&
    engine.length < 2 &&
    endpoint.length < 2 &&
    given.toggle === null;
  if (oneSide && !given.aa) {
    throw new BenchError('USAGE_COMPARE_SIDES', 'Only one side: there is nothing to compare.', {
      hint: "Name two: bench compare OLD NEW, or --a '--threads 1' --b '--threads 2'; --aa compares one with itself.",
    });
  }
  const partsOf = (side: 0 | 1) =>
    Promise.all(
      [
        // A single word is what both have in common.
        ...(words[side] === undefined ? words.slice(0, 1) : [words[side]]),
        ...(side === 0 ? given.a : given.b),
        ...(side === 1 && given.toggle !== null ? [given.toggle] : []),
      ].map((text) => readSidePart(text, given.cwd)),
    );
  const [partsA, partsB] = [await partsOf(0), await partsOf(1)];
  const sides: [SideAsked, SideAsked] = [
    buildSide(given, 0, partsA, textOf(given, 0)),
    buildSide(given, 1, partsB, textOf(given, 1)),
  ];
  checkTogether(sides);
  checkTargetUsed(given, sides);
  return { sides, oneSide };
}

/** What is a side's own, as it was written. */
function textOf(given: SidesGiven, side: 0 | 1): string {
  const own = side === 0 ? given.a : given.b;
  const word = given.words[side];
  return [
    ...(word === undefined ? [] : [word]),
    ...own.filter((text) => text.trim() !== ''),
    ...(side === 1 && given.toggle !== null ? [given.toggle] : []),
  ].join(' ');
}

function buildSide(
  given: SidesGiven,
  side: 0 | 1,
  parts: readonly SidePart[],
  text: string,
): SideAsked {
  const stored = parts.flatMap((part) => (part.kind === 'stored' ? part.paths : []));
  if (stored.length > 0) {
    if (parts.every((part) => part.kind === 'stored')) return { kind: 'stored', paths: stored };
    // A toggle only names the optimisation of results that are there already.
    const others = parts.filter((part) => part.kind !== 'stored').length;
    if (side === 1 && given.toggle !== null && others === 1)
      return { kind: 'stored', paths: stored };
    throw new BenchError('USAGE_COMPARE_SIDES', `Side "${text}" is both stored and to be run.`, {
      hint: 'Measure it first with bench run, then compare result folders.',
    });
  }
  const config = Object.assign(
    {},
    ...parts.map((part) => (part.kind === 'config' ? part.config : {})),
  );
  const fromConfig = new Set<string>(configKeys(runOptions, config));
  const pick = (values: readonly string[]) => values[side] ?? values[0];
  const [engine, endpoint] = [pick(given.engine), pick(given.endpoint)];
  const common = Object.entries({
    ...(engine !== undefined && { engine }),
    ...(endpoint !== undefined && { endpoint: parseUrl(endpoint, '--endpoint') }),
    ...given.common,
  }).filter(([key]) => !fromConfig.has(key));
  const flags: Record<string, unknown> = Object.fromEntries(common);
  for (const part of parts) {
    if (part.kind !== 'flags') continue;
    const { engineArgs } = part;
    for (const [key, value] of Object.entries(part.flags)) {
      // A side's own target takes the place of the common one.
      if (key === 'engine') delete flags['endpoint'];
      if (key === 'endpoint') delete flags['engine'];
      flags[key] = key === 'engineArg' ? join(flags[key], value) : value;
    }
    if (engineArgs.length > 0) flags['engineArg'] = join(flags['engineArg'], engineArgs);
  }
  const load = ['rate', 'maxConcurrency', 'concurrency', 'sweep'];
  if (!load.some((key) => key in flags || fromConfig.has(key))) flags['maxConcurrency'] = '4';
  for (const [key, value] of [
    ['gates', 'off'],
    ['warmupRuns', '1'],
  ] as const) {
    if (!(key in flags) && !fromConfig.has(key)) flags[key] = value;
  }
  const settings = withoutOpenai(resolveOptions(runOptions, flags, given.env, config));
  checkRunSettings(settings, new Set([...Object.keys(flags), ...fromConfig]));
  checkOneLevel(settings);
  if (settings.engine === null && settings.engineArg.length > 0) {
    throw new BenchError(
      'USAGE_COMPARE_SIDE',
      `Side "${text}": ${settings.engineArg[0]} is no option of bench, and no engine is started that could take it.`,
      { hint: 'Give --engine, or leave it out.' },
    );
  }
  return { kind: 'live', text, settings };
}

const join = (before: unknown, more: unknown): string[] => [
  ...(Array.isArray(before) ? before.map(String) : []),
  ...(Array.isArray(more) ? more.map(String) : [String(more)]),
];

/** A comparison is of one level, measured again and again. */
function checkOneLevel(settings: RunSettings): void {
  const { rate, concurrency, maxConcurrency, sweep, sustained, launches, resume } = settings;
  const flag = (key: keyof RunSettings) => longFlag(runOptions[key]);
  const several = [
    ...((rate?.length ?? 0) > 1 ? [`--rate ${rate?.join(',')}`] : []),
    ...((maxConcurrency?.length ?? 0) > 1
      ? [`--max-concurrency ${maxConcurrency?.join(',')}`]
      : []),
    ...(concurrency === null ? [] : [flag('concurrency')]),
    ...(sweep === null ? [] : [flag('sweep')]),
    ...(sustained === null ? [] : [flag('sustained')]),
    ...(launches === 1 ? [] : [flag('launches')]),
    ...(resume === null ? [] : [flag('resume')]),
  ];
  if (several.length === 0) return;
  throw new BenchError(
    'USAGE_COMPARE_LOAD',
    `${several.join(' and ')}: a comparison measures one load, block by block.`,
    { hint: 'Give one --rate or one --max-concurrency; --blocks is how often.' },
  );
}

/** A target for both that neither side takes, as each names its own, would be left out silently. */
function checkTargetUsed({ engine, endpoint }: SidesGiven, sides: [SideAsked, SideAsked]): void {
  for (const [key, values] of [
    ['engine', engine],
    ['endpoint', endpoint],
  ] as const) {
    const [first] = values;
    if (first === undefined || (key === 'engine' && isOpenai(first))) continue;
    if (sides.some((side) => side.kind === 'live' && side.settings[key] !== null)) continue;
    const what = sides[0].kind === 'stored' ? 'stored results' : 'targets of their own';
    throw new BenchError(
      'USAGE_COMPARE_SIDES',
      `--${key} ${first}: both sides are ${what}, so nothing would use it.`,
      {
        hint:
          key === 'engine'
            ? "Leave --engine out; to compare settings of an engine that is started here, leave the sides' URLs out: --engine NAME --a '--threads 1' --b '--threads 2'."
            : 'Leave --endpoint out, or name it as one of the two sides.',
      },
    );
  }
}

/** Both sides get the same requests in the same way; only what serves them may differ. */
const shared = [
  ...(['rate', 'maxConcurrency', 'arrival', 'requests', 'duration'] as const),
  ...(['dataset', 'inputTokens', 'outputTokens', 'temperature', 'ignoreEos', 'seed'] as const),
  ...(['sloTemplate', 'slo', 'maxErrorShare', 'warmupRuns', 'warmupRequests', 'gates'] as const),
  ...(['rest', 'requireSteady'] as const),
];

function checkTogether([a, b]: [SideAsked, SideAsked]): void {
  if (a.kind === 'stored' || b.kind === 'stored') {
    if (a.kind === b.kind) return;
    throw new BenchError('USAGE_COMPARE_SIDES', 'One side is stored, the other is to be run.', {
      hint: 'Measure it with bench run, then compare the two result folders.',
    });
  }
  const differs = shared.find(
    (key) => JSON.stringify(a.settings[key]) !== JSON.stringify(b.settings[key]),
  );
  if (differs !== undefined) {
    const flag = longFlag(runOptions[differs]);
    const show = (side: typeof a) => JSON.stringify(side.settings[differs]);
    throw new BenchError(
      'USAGE_COMPARE_LOAD',
      `${flag} is ${show(a)} on side A and ${show(b)} on side B.`,
      { hint: 'Both sides get the same requests: give it once, for both.' },
    );
  }
  if ((a.settings.engine === null) === (b.settings.engine === null)) return;
  throw new BenchError(
    'USAGE_COMPARE_SIDES',
    'One side is started here, the other is an endpoint that runs already.',
    {
      hint: 'Start both with --engine, or give two URLs; or store three results of each with bench run and compare those.',
    },
  );
}
