import { expect, it } from 'vitest';
import { fakeWorld } from '../judge/fake-world.fixture.ts';
import { measureNoiseFloor } from './measure-noise-floor.ts';

const variants = [
  { id: 'a', description: 'one', folder: '/a' },
  { id: 'b', description: 'two', folder: '/b' },
];

it('asks each variant alone, in a burst and at the temperature, and counts what the reference says', async () => {
  let told = 0;
  const sent: string[] = [];
  const world = fakeWorld({
    // Every fourth token is far from the reference's choice, and improbable.
    score: () => (told++ % 4 === 0 ? { gapNats: 3, logProb: -2 } : {}),
    onSend: (_, { id, maxInFlight, asks }) =>
      void sent.push(`${id} ${maxInFlight} ${asks[0]?.temperature}`),
  });
  const size = world.order.stored.scenario.classes.small;
  const measured = await measureNoiseFloor(size, 'seed', variants, world.ports);
  const each = ['noise-alone 1 0', 'noise-burst 8 0', 'noise-sampled 1 0.7'];
  expect(sent).toEqual([...each, ...each]);
  // 16 prompts of 32 tokens; surprise 1.25 on average, entropy 1.
  const agreement = { tokens: 512, agree: 384 };
  expect(measured).toMatchObject([
    { id: 'a', description: 'one', alone: agreement, burst: agreement },
    { id: 'b', sampled: { tokens: 512, meanNats: 0.25, seNats: Math.sqrt(512) / 512 } },
  ]);
  expect(world.events.filter((one) => one === 'launch')).toHaveLength(2);
  expect(world.events.filter((one) => one === 'reference-stop')).toHaveLength(2);
});

it('has no sampled answers where the temperature is 0', async () => {
  const world = fakeWorld({ size: { temperature: 0 } });
  const size = world.order.stored.scenario.classes.small;
  const [measured] = await measureNoiseFloor(size, 'seed', variants, world.ports);
  expect(measured?.sampled).toBeNull();
});
