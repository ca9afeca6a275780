import type {
  ArenaJudgeSettings,
  ArenaLeaderboardSettings,
  ArenaScoreSettings,
} from '../../app/index.ts';
import { numberIn, oneOf, parseBoolean, parseText } from './option.ts';
import type { OptionTable } from './resolve.ts';

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
  modelPath: {
    flags: '--model-path <path>',
    group: 'Trial',
    description:
      "GGUF file, or folder in Hugging Face format (default: the scenario's model from the cache)",
    parse: parseText,
    default: null,
  },
  forceEngine: {
    flags: '--force-engine <id>',
    group: 'Trial',
    description: 'the submission has to use this engine',
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
