import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Answer, JudgePorts, LaunchedSubmission, Traffic } from '../../../arena/index.ts';
import { recordRequests } from './record-requests.ts';

const ask = { messages: [{ role: 'user' as const, content: 'a "b"\nc' }], inputTokens: 9 };
const answers = [1, 2].map(
  (at) =>
    ({
      ask: { ...ask, outputTokens: 4, temperature: 0, ignoreEos: true },
      ...{ outcome: 'ok', text: `t${at}`, ttftMs: at, chunkAtMs: [at, at + 1] },
    }) as unknown as Answer,
);
const traffic = (id: string) => ({ id, timed: id === 'burst', asks: [] }) as unknown as Traffic;

it('leaves a line for every request of both sides, with launch, place and all times', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'bench-record-')), 'requests.jsonl');
  const server = { send: async () => answers, baseUrl: 'x' } as unknown as LaunchedSubmission;
  const ports = recordRequests(
    { launch: async () => server, startReference: async () => server } as unknown as JudgePorts,
    path,
  );
  const first = await ports.launch('');
  expect(first.baseUrl).toBe('x');
  // At once: lines of one traffic stay together.
  expect(await Promise.all([first.send(traffic('gate')), first.send(traffic('burst'))])).toEqual([
    answers,
    answers,
  ]);
  await (await ports.startReference()).send(traffic('burst'));
  await (await ports.launch('')).send(traffic('burst'));
  const lines = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.map(({ side, launch, traffic: id, index }) => [side, launch, id, index])).toEqual([
    ['submission', 1, 'gate', 0],
    ['submission', 1, 'gate', 1],
    ['submission', 1, 'burst', 0],
    ['submission', 1, 'burst', 1],
    ['reference', 1, 'burst', 0],
    ['reference', 1, 'burst', 1],
    ['submission', 2, 'burst', 0],
    ['submission', 2, 'burst', 1],
  ]);
  expect(lines[1]).toMatchObject({ timed: false, text: 't2', ttftMs: 2, chunkAtMs: [2, 3] });
  expect(lines[1].ask.messages[0].content).toBe('a "b"\nc');
});
