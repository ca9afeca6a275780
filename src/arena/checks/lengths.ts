import type { ScenarioSize } from '../../model/index.ts';

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
