import { createRng } from '../../core/index.ts';
import type { ScenarioSize, TokenRange } from '../../model/index.ts';

/** Of all profiles. */
export const inputTokensOf = ({ profiles }: ScenarioSize) =>
  Math.max(...profiles.map((one) => one.inputTokens.max));

export const outputTokensOf = ({ profiles }: ScenarioSize) =>
  Math.max(...profiles.map((one) => one.outputTokens.max));

/** As short as the scenario's shortest: shorter ones would give a probe away. */
export const shortPromptTokens = ({ profiles }: ScenarioSize) =>
  Math.min(...profiles.map(({ inputTokens }) => Math.ceil(inputTokens.lowShare * inputTokens.max)));

/** At least four times that, where the model can take it. */
export function longPromptTokens(size: ScenarioSize): number {
  const room = Math.floor(size.maxModelTokens / 2);
  return Math.min(room, Math.max(inputTokensOf(size), 4 * shortPromptTokens(size)));
}

/** Of a request, in tokens. */
interface Lengths {
  inputTokens: number;
  outputTokens: number;
}

/** Each of a range as likely. @param share from [0, 1) */
export function drawLength({ max, lowShare }: TokenRange, share: number): number {
  const low = Math.ceil(lowShare * max);
  return low + Math.floor(share * (max - low + 1));
}

/**
 * Lengths of a probe, drawn as those of the timed requests are: they tell nothing of what it is for.
 * @param least of the longest answer, for probes that a few tokens are no use to
 */
export function drawLengths(
  { profiles }: Pick<ScenarioSize, 'profiles'>,
  seed: number,
  least = 0,
): Lengths {
  const rng = createRng(seed, 'lengths');
  const profile = profiles[rng.int(profiles.length)];
  if (profile === undefined) throw new Error('a scenario without profiles');
  const { inputTokens, outputTokens } = profile;
  const lowShare = Math.max(outputTokens.lowShare, least);
  return {
    inputTokens: drawLength(inputTokens, rng.next()),
    outputTokens: drawLength({ ...outputTokens, lowShare }, rng.next()),
  };
}

/** Where other traffic is sampled, temperature 0 tells a probe anyway: no more than it needs. */
const greedyTokens = 48;

export function drawGreedyLengths(size: ScenarioSize, seed: number): Lengths {
  const { inputTokens, outputTokens } = drawLengths(size, seed);
  const most = size.temperature === 0 ? outputTokens : greedyTokens;
  return { inputTokens, outputTokens: Math.min(most, outputTokens) };
}
