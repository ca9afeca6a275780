import { describe, expect, it } from 'vitest';
import { refuseAddressArgs } from './address-args.ts';
import { engines, findEngine } from './index.ts';

const refused: [engine: string, args: string[], named: string][] = [
  ['llama.cpp', ['--port', '19555'], '--port'],
  ['llama.cpp', ['--set', 'port=19555'], '--set port'],
  ['llama.cpp', ['--set=port=19555'], '--set port'],
  ['vllm', ['--enforce-eager', '--host=0.0.0.0'], '--host'],
  ['vllm', ['--uds', '/tmp/x.sock'], '--uds'],
  ['tgi', ['-p', '80'], '-p'],
  ['tgi', ['--hostname', '::'], '--hostname'],
];

describe('refuseAddressArgs', () => {
  it.each(refused)('%s is not told %j', (engine, args, named) => {
    expect(() => refuseAddressArgs(findEngine(engine), args)).toThrow(
      expect.objectContaining({
        code: 'USAGE_ENGINE_ARG',
        exitCode: 2,
        message: expect.stringContaining(`--engine-arg ${named}: `),
        hint: expect.stringContaining('bench engine start'),
      }),
    );
  });

  it.each(engines.ids())('%s refuses its own port, and takes what only looks like it', (id) => {
    expect(() => refuseAddressArgs(findEngine(id), ['--port=1'])).toThrow(/--port/);
    const others = ['--set', 'n_batch=256', '--reuse-port', '--ports', '--set', 'portable=1'];
    refuseAddressArgs(findEngine(id), others);
  });
});

it('lists openai among the engines that are known', () => {
  expect(() => findEngine('foo')).toThrow(
    expect.objectContaining({
      code: 'USAGE_UNKNOWN_ENGINE',
      hint: expect.stringMatching(/Known: llama\.cpp, .*openai/),
    }),
  );
});
