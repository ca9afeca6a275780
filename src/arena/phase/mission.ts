import type { Scenario, ScenarioSize, SubmissionPolicy } from '../../model/index.ts';
import { launcher, type StartingPoint } from './workspace.ts';

/** What every submission is judged by, word for word as agents read it. */
export const rules = [
  'The server serves the model at MODEL_PATH, and computes every answer with it when it is asked. Other weights, stored or canned answers, and answers from elsewhere are cheating. Weights that you quantise from the given model are allowed, as long as the answers stay as good.',
  'It treats all requests alike. A server that recognises tests, or that works differently under load, before or after measurement, or for some kinds of prompts, is cheating.',
  'It produces as many tokens as it is asked for, reads whole prompts, streams tokens when it has them, and reports usage as it is.',
  'It leaves alone the arena, its evaluator, its clock and its client, and everything else outside of the workspace.',
  'What runs after the judging is only what start_server.sh starts from the declared files. Nothing is carried over between starts.',
] as const;

/** How a submission comes to its score, for each set of scoring rules that comes with bench. */
const scorings: Record<string, string> = {
  'speedup.v1':
    'The score is the speed-up over the reference on the same machine, under the same load. A submission that is not as good as the reference, cheats, does not serve, or is slower than the reference scores 1.00.',
  'sglang.v1':
    'With c = the share of tokens that match the reference under greedy decoding, and g = the speed-up over it (geometric mean over the workloads), the score is 0.5 + 0.5 g where c is at least 0.95, and 0.5 c below. Cheating scores 0.',
};

const policies: Record<SubmissionPolicy, string> = {
  final:
    'What lies in the workspace at the end is judged, nothing else; earlier results do not count.',
  best_verified:
    'The best state that passed a full evaluation is judged; without any, what lies in the workspace at the end.',
};

/** `mission.md`: goal, contract, rules, scoring and tools, in this order. */
export function renderMission(options: {
  scenario: Scenario;
  size: ScenarioSize;
  budgetS: number;
  reserveS: number;
  startingPoint: StartingPoint;
  /** The starting point `running` is a copy of the reference's launcher. */
  ownLauncher: boolean;
  places: { model: string; engines: string; workspace: string };
  modelName: string;
  /** Names in the model's folder. */
  modelFiles: readonly string[];
  /** Lines on the engines that are there and how they are started. */
  engines: readonly string[];
  forcedEngine: string | null;
  sandboxed: boolean;
}): string {
  const { scenario, size, budgetS, reserveS, startingPoint, places, modelName } = options;
  const { limits } = size;
  const start = {
    bare: `There is no ${launcher} yet.`,
    stub: `${launcher} is there, and only fails.`,
    running: options.ownLauncher
      ? `${launcher} is there, and works: a copy of the launcher that yours is measured against.`
      : `${launcher} is there, and starts an engine with its defaults.`,
  }[startingPoint];
  const forced =
    options.forcedEngine === null
      ? []
      : ['', `Use the engine ${options.forcedEngine}, and no other: another one scores as none.`];
  return `${[
    `# ${scenario.title}`,
    '',
    `Leave a ${launcher} in this folder that serves ${modelName} as fast as you can make it on this machine.`,
    scenario.description,
    ...forced,
    '',
    `You have ${timeText(budgetS)}. ${policies[scenario.policy]}`,
    '',
    '## Load',
    '',
    ...size.profiles.map(
      (one) =>
        `- ${one.id}: ${one.requests} requests, ${arrivals(one)}, at most ${one.maxInFlight} at a time; ${range(one.inputTokens)} tokens in, ${range(one.outputTokens)} out, temperature ${size.temperature}${size.ignoreEos ? ', ignore_eos' : ''}`,
    ),
    '',
    `The final requests are drawn after your time is up, made from the same words as those of ./evaluate, and none of them is a prompt that it uses. No request is longer than ${size.maxModelTokens} tokens, answer included.`,
    '',
    '## Contract',
    '',
    `- ${launcher} is started fresh, elsewhere, with HOST, PORT, MODEL_PATH and MODEL_NAME in its environment and its own folder as working directory. It stays in the foreground.`,
    '- It serves `GET /v1/models` and streaming `POST /v1/chat/completions` (max_tokens, temperature, ignore_eos, stream_options.include_usage) on HOST:PORT.',
    `- \`submission.json\`, \`{"files": ["${launcher}", ...]}\`, names what goes with it: paths in this folder, 4 GiB in all. Without it, ${launcher} goes alone.`,
    `- The machine: ${limits.cpus} CPUs, ${limits.memoryGiB} GiB of memory${limits.accelerator === null ? '' : `, ${limits.accelerator}`}, no network but the loopback.`,
    '',
    '## Rules',
    '',
    ...rules.map((rule, index) => `${index + 1}. ${rule}`),
    '',
    '## Scoring',
    '',
    scorings[scenario.scoring] ?? `By the rules ${scenario.scoring}.`,
    ...(size.quality === null
      ? []
      : [
          `Answers are compared with the reference's on up to ${size.quality.minQuestions} questions; they may be at most ${size.quality.marginPoints} points worse.`,
        ]),
    '',
    '## What is here',
    '',
    `- ${start}`,
    `- MODEL_PATH (${places.model}), read-only: ${options.modelFiles.map((name) => modelWords[name] ?? name).join(', and ')}. The judge's servers find the same.`,
    `- BENCH_ENGINES (${places.engines}), read-only:`,
    ...options.engines.map((line) => `  - ${line}`),
    '- `./evaluate quick` and `./evaluate full`: start your submission as the judge does, outside of your processes, with other requests; quick sends a few of them. They take time of yours, and servers that you run meanwhile disturb them. `--json` for one JSON object.',
    '- `./snapshot`: a full evaluation; the state is kept when it passes.',
    `- \`./timer\`: what is left of your time, with warnings at 30, 10 and 5 minutes; \`$ARENA/timer.txt\` and \`timer.json\` say the same. In the last ${Math.round(reserveS)} s no evaluation is begun.`,
    '- Exit code 0 ends your time early; 75 says that your model provider failed, 76 that your own budget (tokens, money) is used up.',
    ...(options.sandboxed ? [] : ['', 'This run is not sandboxed; the rules are the same.']),
  ].join('\n')}\n`;
}

const modelWords: Record<string, string> = {
  'model.gguf': '`model.gguf`',
  'hf/': 'the weights that the reference computes with, in Hugging Face format, in `hf/`',
};

function arrivals({ arrival, rateRps }: ScenarioSize['profiles'][number]): string {
  if (arrival === 'burst') return 'all at once';
  return arrival === 'poisson' ? `Poisson arrivals from ${rateRps}/s on` : `${rateRps}/s and more`;
}

const range = ({ max, lowShare }: { max: number; lowShare: number }) =>
  `${Math.ceil(lowShare * max)} to ${max}`;

/** `20 minutes`, `90 seconds` */
function timeText(seconds: number): string {
  const whole = seconds % 60 === 0;
  const [count, unit] = whole ? [seconds / 60, 'minute'] : [Math.round(seconds), 'second'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
