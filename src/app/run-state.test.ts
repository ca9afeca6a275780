import { expect, it } from 'vitest';
import { redactArgv } from './run-state.ts';

const argvOf = (extraBody: Record<string, unknown>) =>
  redactArgv(['--extra-body', JSON.stringify(extraBody)], { apiKey: null, header: {}, extraBody });

it('takes secrets inside the body out of the command line', () => {
  const [, body = ''] = argvOf({ api_key: 'sk-123456', nested: { password: 4711_0815 } });
  expect(body).not.toContain('sk-123456');
  expect(body).not.toContain('47110815');
});

it('leaves switches and numbers of tokens', () => {
  const body = { timings_per_token: true, stop_token: 1, cache_prompt: false };
  expect(argvOf(body)[1]).toBe(JSON.stringify(body));
});
