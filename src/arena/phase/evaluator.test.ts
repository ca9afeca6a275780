import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Evaluation, type Evaluator, openEvaluator, type Want } from './evaluator.ts';

let folder: string;
let evaluator: Evaluator | null;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-evaluator-'));
  evaluator = null;
});
afterEach(async () => {
  await evaluator?.close();
  rmSync(folder, { recursive: true, force: true });
});

const passed: Evaluation = { ok: true, outcome: 'scored', score: 2, refused: null, text: 'fine' };

/** Sends text to the socket and returns the messages that come back. */
function ask(text: string): Promise<{ say?: string; result?: Evaluation }[]> {
  return new Promise((resolve, reject) => {
    const socket = connect(join(folder, 'evaluator.sock'), () => socket.write(text));
    let received = '';
    socket.setEncoding('utf8').on('data', (piece: string) => {
      received += piece;
    });
    socket.on('error', reject);
    socket.on('close', () =>
      resolve(
        received
          .split('\n')
          .filter(Boolean)
          .map((one) => JSON.parse(one)),
      ),
    );
  });
}

it('answers a request with what it says meanwhile and the result', async () => {
  const wanted: Want[] = [];
  evaluator = await openEvaluator(folder, async (want, say) => {
    wanted.push(want);
    say('working');
    return passed;
  });
  expect(await ask('{"want":"full"}\n')).toEqual([{ say: 'working' }, { result: passed }]);
  expect(wanted).toEqual(['full']);
});

it.each(['{"want":"rm -rf /"}\n', 'no json\n', '[]\n', '{"want":["full"]}\n'])(
  'refuses %s',
  async (text) => {
    evaluator = await openEvaluator(folder, () => Promise.reject(new Error('not to be called')));
    const [message] = await ask(text);
    expect(message?.result).toMatchObject({
      ok: false,
      refused: expect.stringMatching(/quick, full/),
    });
  },
);

it('hangs up on who sends too much', async () => {
  evaluator = await openEvaluator(folder, async () => passed);
  expect(await ask('x'.repeat(5_000)).catch(() => [])).toEqual([]);
  expect(await ask('{"want":"quick"}\n')).toEqual([{ result: passed }]);
});

it('does one at a time, and no more than a few wait', async () => {
  let running = 0;
  let most = 0;
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  evaluator = await openEvaluator(folder, async () => {
    running++;
    most = Math.max(most, running);
    await gate;
    running--;
    return passed;
  });
  const asked = Array.from({ length: 6 }, () => ask('{"want":"quick"}\n'));
  const refused = await Promise.race(asked);
  expect(refused[0]?.result?.refused).toMatch(/waiting/);
  release();
  const results = (await Promise.all(asked)).map(([message]) => message?.result?.ok);
  expect(results.filter((ok) => ok === true)).toHaveLength(4);
  expect(most).toBe(1);
});

it('tells when it fails itself', async () => {
  evaluator = await openEvaluator(folder, () => Promise.reject(new Error('no engine')));
  const [message] = await ask('{"want":"quick"}\n');
  expect(message?.result?.refused).toBe('the evaluator failed: no engine');
});
