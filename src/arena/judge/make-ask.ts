import { hash32 } from '../../core/index.ts';
import type { ScenarioSize } from '../../model/index.ts';
import type { AskOptions } from '../checks/check.ts';
import type { Ask, JudgePorts, Oracle } from './ports.ts';

/** Messages of the one form that all traffic has, with so many prompt tokens. */
export function createAskMaker(
  { makePrompt }: Pick<JudgePorts, 'makePrompt'>,
  oracle: Oracle,
  size: ScenarioSize,
): (options: AskOptions) => Promise<Ask> {
  return async ({
    seed,
    inputTokens,
    outputTokens,
    temperature,
    head = '',
    headAt = 0,
    tail = '',
  }) => {
    const compose = async (room: number) => {
      const made = await makePrompt(oracle, seed, Math.max(1, room));
      const words = made.split(' ');
      const before = head === '' ? 0 : Math.floor(headAt * words.length);
      const [front, back] = [words.slice(0, before), words.slice(before)].map((some) =>
        some.join(' '),
      );
      const content = [front, head, back, tail].filter((part) => part !== '').join('\n');
      return [{ role: 'user' as const, content }];
    };
    let messages = await compose(inputTokens);
    if (head !== '' || tail !== '') {
      // What stands around it takes its room; a second step mends what joins cost.
      let room = inputTokens;
      for (let step = 0; step < 2; step++) {
        room += inputTokens - (await oracle.countPrompt(messages));
        messages = await compose(room);
      }
    }
    return {
      messages,
      inputTokens,
      outputTokens,
      temperature: temperature ?? size.temperature,
      ignoreEos: size.ignoreEos,
    };
  };
}

/** Numbers from the final seed, one for each purpose; in the lower half of 32 bits, as prompts want. */
export const seedsFrom = (finalSeed: string) => (purpose: string) =>
  hash32(`${finalSeed}/${purpose}`) >>> 1;
