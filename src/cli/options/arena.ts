import type { ArenaLeaderboardSettings, ArenaScoreSettings } from '../../app/index.ts';
import { parseBoolean, parseText } from './option.ts';
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
