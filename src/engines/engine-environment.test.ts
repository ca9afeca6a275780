import { expect, test } from 'vitest';
import { engineEnvironment } from './engine-environment.ts';

test('says what was set with its value, and of the user the names that an engine reads', () => {
  const env = {
    ...{ PATH: '/bin', HOME: '/root', VLLM_LOGGING_LEVEL: 'DEBUG', HF_TOKEN: 'secret' },
    ...{ CUDA_VISIBLE_DEVICES: '0', OMP_NUM_THREADS: '9', VLLM_GONE: undefined },
  };
  const set = { OMP_NUM_THREADS: '2' };
  expect(engineEnvironment({ env }, set, /^VLLM_/)).toEqual({
    ...{ set, ofUser: ['CUDA_VISIBLE_DEVICES', 'HF_TOKEN', 'VLLM_LOGGING_LEVEL'] },
  });
  expect(engineEnvironment({ env }, {}, undefined).ofUser).toEqual([
    ...['CUDA_VISIBLE_DEVICES', 'HF_TOKEN', 'OMP_NUM_THREADS'],
  ]);
});
