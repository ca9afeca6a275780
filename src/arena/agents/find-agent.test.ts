import { expect, it } from 'vitest';
import { findAgent } from './find-agent.ts';

const find = (name: string) => findAgent(name, { cwd: '.', tunables: [] });

it('knows the default configuration by its engine too', async () => {
  expect(await find('default-config:llama.cpp')).toBe(await find('default-config'));
});

it.each(['vllm', 'pytorch', 'mlx', ''])(
  'refuses that of "%s": it is not in the sandbox',
  async (id) => {
    await expect(find(`default-config:${id}`)).rejects.toMatchObject({
      code: 'USAGE_ARENA_AGENT',
      message: expect.stringMatching(/only llama\.cpp is offered in the sandbox/),
    });
  },
);

it('refuses what it does not know', async () => {
  await expect(find('default-confg')).rejects.toThrow(/Unknown agent "default-confg"/);
});
