import { expect, it } from 'vitest';
import { fakeWorld } from '../judge/fake-world.fixture.ts';
import type { Answer } from '../judge/ports.ts';
import { replay } from './replay.ts';

it('replays answers that ended well, without the rest of a character at their end', async () => {
  const texts: string[] = [];
  const { ports } = fakeWorld();
  const { oracle } = await ports.startReference();
  const answer = (text: string, outcome = 'ok') =>
    ({ ask: { messages: [] }, text, outcome }) as unknown as Answer;
  const answers = ['one\uFFFD', 'a \uFFFD b', '\uFFFD', ''].map((text) => answer(text));
  const replayed = await replay(
    {
      ...oracle,
      score: (ask, text, temperature) => {
        texts.push(text);
        return oracle.score(ask, text, temperature);
      },
    },
    [...answers, answer('late', 'timeout')],
    0.7,
  );
  expect(texts).toEqual(['one', 'a \uFFFD b']);
  expect(replayed).toMatchObject({ answers: 2, tokens: [{}, {}, {}, {}] });
});
