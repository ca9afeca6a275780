import { expect, test } from 'vitest';
import { configHashOf } from './config-hash.ts';

const started: Parameters<typeof configHashOf>[0] = {
  ...{ engine: 'vllm', version: '0.32.0' },
  commandLine: ['/home/a/bin/vllm', 'serve', '/models/m', '--port', '8001', '--max-num-seqs', '8'],
  environment: { set: { B: '1', A: '/tmp/x/kernels' }, ofUser: ['HF_HOME'] },
};
const words = (...changed: string[]) => ({ ...started, commandLine: changed });

test('is the same for another port, folder and order', () => {
  const again = {
    ...words(...['/opt/vllm', 'serve', '/mnt/m', '--port', '34567', '--max-num-seqs', '8']),
    environment: { set: { A: '/var/kernels', B: '1' }, ofUser: ['HF_HOME'] },
  };
  expect(configHashOf(again)).toBe(configHashOf(started));
  expect(configHashOf(started)).toMatch(/^[0-9a-f]{64}$/);
});

test('is another for another engine, version, option, model or variable', () => {
  const { environment, ...bare } = started;
  const others = [
    { ...started, engine: 'sglang' },
    { ...started, version: '0.32.1' },
    words('/home/a/bin/vllm', 'serve', '/models/m', '--port', '8001', '--max-num-seqs', '9'),
    words('/home/a/bin/vllm', 'serve', '/models/n', '--port', '8001', '--max-num-seqs', '8'),
    { ...bare, environment: { set: { A: '/tmp/x/kernels', B: '2' }, ofUser: ['HF_HOME'] } },
    { ...bare, environment: { set: environment?.set ?? {}, ofUser: [] } },
    bare,
  ];
  const all = new Set([started, ...others].map(configHashOf));
  expect(all.size).toBe(others.length + 1);
});
