import type {
  ArenaJudgeSettings,
  ArenaLeaderboardSettings,
  ArenaRunSettings,
  ArenaScoreSettings,
  ScenarioCheckSettings,
} from '../../app/index.ts';
import { BenchError } from '../../core/index.ts';
import { numberIn, oneOf, parseBoolean, parseText } from './option.ts';
import type { OptionTable } from './resolve.ts';

const startingPoints = ['bare', 'stub', 'running'] as const;
const sandboxIds = ['bubblewrap', 'process'] as const;
const judgeSandboxes = ['auto', ...sandboxIds] as const;

/** `90s`, `20m`, `2h`. A number alone is refused: some tools mean seconds by it, some minutes. */
function parseTime(value: unknown, flag: string): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)([smh])?$/.exec(String(value).trim()) ?? [];
  const seconds = Number(amount) * ({ s: 1, m: 60, h: 3600 }[unit] ?? Number.NaN);
  if (seconds > 0) return seconds;
  if (Number(amount) > 0) {
    throw new BenchError('USAGE_BAD_VALUE', `${flag} "${String(value)}" has no unit.`, {
      hint: `${amount}s are seconds, ${amount}m minutes, ${amount}h hours.`,
    });
  }
  throw new BenchError('USAGE_BAD_VALUE', `${flag} "${String(value)}" is not a time.`, {
    hint: 'For example 20m, 2h or 90s.',
  });
}

const rules = {
  flags: '--rules <id>',
  group: 'Scoring',
  description: 'scoring rules by id, or a JSON file of rules (default: those of each trial)',
  parse: parseText,
  default: null,
};

const json = {
  flags: '--json',
  group: 'Output',
  description: 'one JSON object on stdout and nothing else',
  parse: parseBoolean,
  default: false,
};

/** Every key of ArenaScoreSettings has its option here. */
export const scoreOptions: OptionTable<ArenaScoreSettings> = {
  rules,
  markdown: {
    flags: '--markdown',
    group: 'Output',
    description: 'Markdown instead of a table',
    parse: parseBoolean,
    default: false,
  },
  json,
};

/** Every key of ArenaLeaderboardSettings has its option here. */
export const leaderboardOptions: OptionTable<ArenaLeaderboardSettings> = {
  rules,
  output: {
    flags: '--output <dir>',
    group: 'Output',
    description: 'also write leaderboard.html and leaderboard.json there',
    parse: parseText,
    default: null,
  },
  json,
};

/** Every key of ArenaJudgeSettings has its option here. */
export const judgeOptions: OptionTable<ArenaJudgeSettings> = {
  scenario: {
    flags: '--scenario <id>',
    group: 'Trial',
    description: 'scenario, for example decode; or the path of a folder with scenario.json',
    parse: parseText,
    default: '',
  },
  class: {
    flags: '--class <class>',
    group: 'Trial',
    description: 'size of the scenario: full, or small for a CPU and a small model',
    choices: ['full', 'small'],
    parse: oneOf(['full', 'small']),
    default: 'full',
    defaultText: 'full',
  },
  submission: {
    flags: '--submission <dir>',
    group: 'Trial',
    description: 'folder with start_server.sh, and submission.json where more files go with it',
    parse: parseText,
    default: '',
  },
  reference: {
    flags: '--reference <file>',
    group: 'Trial',
    description:
      "an earlier trial's reference.json, of this machine and the last 24 hours (default: measured in the trial)",
    parse: parseText,
    default: null,
  },
  questions: {
    flags: '--questions <file>',
    group: 'Trial',
    description:
      "multiple-choice questions for the quality gate: JSON Lines or JSON in the form of MMLU-Pro (default: the scenario's, else facts that come with bench)",
    parse: parseText,
    default: null,
  },
  modelPath: {
    flags: '--model-path <path>',
    group: 'Trial',
    description:
      "GGUF file, folder in Hugging Face format, or folder with model.gguf and hf/ (default: the scenario's model from the cache, in both)",
    parse: parseText,
    default: null,
  },
  sandbox: {
    flags: '--sandbox <sandbox>',
    group: 'Trial',
    description:
      'where the server runs: bubblewrap, process (a plain program of yours, marked unsandboxed), or auto: bubblewrap where it can be used',
    choices: judgeSandboxes,
    parse: oneOf(judgeSandboxes),
    default: 'auto',
    defaultText: 'auto',
  },
  disk: {
    flags: '--disk <MiB>',
    group: 'Trial',
    description: 'what the server may write, its own files included; beyond it, it is ended',
    // A file system's files end at 16 TiB.
    parse: numberIn({ min: 64, max: 8 * 1024 * 1024, integer: true }),
    default: 8192,
    defaultText: '8192',
  },
  forceEngine: {
    flags: '--force-engine <id>',
    group: 'Trial',
    description: 'the submission has to use this engine',
    parse: parseText,
    default: null,
  },
  secondOpinion: {
    flags: '--second-opinion <program>',
    group: 'Trial',
    description:
      'program that is given the evidence as JSON on stdin and says what it thinks, for example a language model; it can flag, never void',
    parse: parseText,
    default: null,
  },
  startupTimeout: {
    flags: '--startup-timeout <s>',
    group: 'Trial',
    description: 'seconds that the server may take to become ready (default: 900, small 300)',
    parse: numberIn({ above: 0 }),
    default: null,
  },
  output: {
    flags: '--output <dir>',
    group: 'Output',
    description: 'folder for trial.json and logs (default: arena-results/ and the id of the trial)',
    parse: parseText,
    default: null,
  },
  json,
};

/** `reference,empty`: words between commas. */
function parseWords(value: unknown, flag: string): string[] {
  return parseText(value, flag)
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

/** Every key of ScenarioCheckSettings has its option here. */
export const scenarioCheckOptions: OptionTable<ScenarioCheckSettings> = {
  class: { ...judgeOptions.class, default: 'small', defaultText: 'small' },
  only: {
    flags: '--only <list>',
    group: 'What is tried',
    description:
      'questions, reference, oracle, empty, cheats, or names of cheats, separated by commas (default: all)',
    parse: parseWords,
    default: null,
  },
  cheats: {
    flags: '--cheats <dir>',
    group: 'What is tried',
    description: 'folder of cheats (default: those that come with bench)',
    parse: parseText,
    default: null,
  },
  freezeNoiseFloor: {
    flags: '--freeze-noise-floor',
    group: 'What is tried',
    description:
      'only measure honest servers against the reference, and print the noiseFloor for scenario.json',
    parse: parseBoolean,
    default: false,
  },
  reference: {
    ...judgeOptions.reference,
    description:
      "an earlier trial's reference.json, of this machine and the last 24 hours (default: measured in the first judgement)",
  },
  questions: judgeOptions.questions,
  modelPath: judgeOptions.modelPath,
  sandbox: {
    ...judgeOptions.sandbox,
    description:
      'where what is judged runs: bubblewrap, process (a plain program of yours), or auto: bubblewrap where it can be used',
  },
  startupTimeout: judgeOptions.startupTimeout,
  output: {
    ...judgeOptions.output,
    description:
      'folder for scenario-check.json and a trial each (default: arena-results/ and an id)',
  },
  resume: {
    flags: '--resume <dir>',
    group: 'Output',
    description:
      'go on with a check that was interrupted, in its folder: what it could tell is not tried again',
    parse: parseText,
    default: null,
  },
  json,
};

/** Every key of ArenaRunSettings has its option here. */
export const arenaRunOptions: OptionTable<ArenaRunSettings> = {
  scenario: judgeOptions.scenario,
  class: judgeOptions.class,
  agent: {
    flags: '--agent <agent>',
    group: 'Agent',
    description: 'script:PATH, default-config or random-search',
    parse: parseText,
    default: '',
  },
  budget: {
    flags: '--budget <time>',
    group: 'Agent',
    description: "the agent's time with its unit: 20m, 2h, 90s (default: the scenario's)",
    parse: parseTime,
    default: null,
  },
  startingPoint: {
    flags: '--starting-point <point>',
    group: 'Agent',
    description:
      'what start_server.sh is at first: absent, one that fails, one that works (default: stub; running where the scenario owns a launcher: a copy of it)',
    choices: startingPoints,
    parse: oneOf(startingPoints),
    default: null,
  },
  sandbox: {
    flags: '--sandbox <sandbox>',
    group: 'Agent',
    description: 'bubblewrap, or process: a plain program of yours, marked unsandboxed',
    choices: sandboxIds,
    parse: oneOf(sandboxIds),
    default: 'bubblewrap',
    defaultText: 'bubblewrap',
  },
  disk: {
    flags: '--disk <MiB>',
    group: 'Agent',
    description: 'what the workspace may hold, and each judged server may write',
    // A file system's files end at 16 TiB.
    parse: numberIn({ min: 64, max: 8 * 1024 * 1024, integer: true }),
    default: 8192,
    defaultText: '8192',
  },
  repeat: {
    flags: '--repeat <n>',
    group: 'Trial',
    description: "which of the scenario's pairs of seeds, from 1",
    parse: numberIn({ min: 1, integer: true }),
    default: 1,
    defaultText: '1',
  },
  questions: judgeOptions.questions,
  reference: judgeOptions.reference,
  modelPath: judgeOptions.modelPath,
  forceEngine: judgeOptions.forceEngine,
  secondOpinion: judgeOptions.secondOpinion,
  startupTimeout: judgeOptions.startupTimeout,
  output: {
    ...judgeOptions.output,
    description: 'folder of the trial (default: arena-results/ and its id)',
  },
  json,
};
