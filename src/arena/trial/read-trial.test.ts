import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, describe, expect, it } from 'vitest';
import { arenaSchemaFiles } from '../json-schemas.ts';
import { makeTrial } from '../trial.fixture.ts';
import { findTrials, readTrial } from './read-trial.ts';

const root = mkdtempSync(join(tmpdir(), 'bench-trials-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function store(name: string, text: string): string {
  const dir = join(root, name);
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'trial.json'), text);
  return dir;
}

describe('readTrial', () => {
  it('returns what was written, with fields it does not know', async () => {
    const trial = { ...makeTrial('decode', 2), later: 1 };
    const dir = store('good', JSON.stringify(trial));
    expect(await readTrial(dir)).toEqual(trial);
    expect(await readTrial(join(dir, 'trial.json'))).toEqual(trial);
  });

  it('reads how the agent ended, as earlier versions wrote it and as this one does', async () => {
    const trial = makeTrial('decode', 2);
    const old = { how: 'killed', swept: 1, survivors: 0, limits: [], memoryPeakBytes: null };
    for (const receipt of [old, { ...old, aliveAtStop: null, endedBy: 'signals' }]) {
      const stored = { ...trial, agentPhase: { ...trial.agentPhase, receipt } };
      expect(await readTrial(store('receipt', JSON.stringify(stored)))).toEqual(stored);
    }
    const bad = {
      ...trial,
      agentPhase: { ...trial.agentPhase, receipt: { ...old, aliveAtStop: -1 } },
    };
    await expect(readTrial(store('receipt', JSON.stringify(bad)))).rejects.toMatchObject({
      message: expect.stringContaining('aliveAtStop'),
    });
  });

  const broken = (change: object) => JSON.stringify({ ...makeTrial('decode', 2), ...change });
  it.each([
    ['no JSON', '{"schema":', 'RESULT_CORRUPT', /not JSON/],
    ['no object', '[]', 'RESULT_CORRUPT', /is not a trial: Invalid input/],
    ['later schema', '{"schema":"inferencebench.trial.v9"}', 'RESULT_UNKNOWN_SCHEMA', /trial\.v9/],
    [
      'result of a run',
      '{"schema":"inferencebench.envelope.v1"}',
      'RESULT_UNKNOWN_SCHEMA',
      /envelope/,
    ],
    ['no seeds', broken({ seeds: undefined }), 'RESULT_CORRUPT', /seeds/],
    [
      'unknown outcome',
      broken({ outcome: { kind: 'won', reason: null } }),
      'RESULT_CORRUPT',
      /outcome\.kind/,
    ],
    [
      'negative time',
      broken({ reference: { launches: [{ profiles: [{ ttftP50Ms: -1 }] }] } }),
      'RESULT_CORRUPT',
      /reference/,
    ],
  ])('refuses %s', async (name, text, code, message) => {
    await expect(readTrial(store(`bad-${name}`, text))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
      hint: expect.stringMatching(/\w/),
      exitCode: 3,
    });
  });

  it('names a folder without a trial', async () => {
    await expect(readTrial(root)).rejects.toMatchObject({
      code: 'RESULT_NOT_FOUND',
      message: expect.stringContaining(root),
    });
  });
});

describe('findTrials', () => {
  it('finds them at any depth, sorted, and looks no further inside one', async () => {
    const text = JSON.stringify(makeTrial('decode', 2));
    const b = store('many/b/2', text);
    const a = store('many/a/1', text);
    store('many/a/1/inner', text);
    expect(await findTrials(join(root, 'many'))).toEqual([a, b]);
    expect(await findTrials(a)).toEqual([a]);
    expect(await findTrials(join(a, 'trial.json'))).toEqual([join(a, 'trial.json')]);
  });

  it('says where there is none', async () => {
    mkdirSync(join(root, 'empty'));
    await expect(findTrials(join(root, 'empty'))).rejects.toMatchObject({
      code: 'RESULT_NO_TRIALS',
    });
    await expect(findTrials(join(root, 'nowhere'))).rejects.toMatchObject({
      code: 'RESULT_NOT_FOUND',
    });
  });
});

describe('published schemas', () => {
  it.each(['scenario.v1.schema.json', 'scoring.v1.schema.json', 'trial.v1.schema.json'])(
    '%s is up to date (npx vitest run src/arena/trial -u writes it)',
    async (name) => {
      const text = (await arenaSchemaFiles())[name];
      await expect(text).toMatchFileSnapshot(`../../../schemas/${name}`);
    },
  );

  it('accept a trial, and more fields, but not fewer or others', () => {
    const url = new URL('../../../schemas/trial.v1.schema.json', import.meta.url);
    const schema = JSON.parse(readFileSync(url, 'utf8')) as object;
    const ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true });
    const accepts = ajv.compile(schema);
    const trial = makeTrial('throughput', 2);
    accepts(trial);
    expect(accepts.errors).toBeNull();
    expect(accepts({ ...trial, later: 1 })).toBe(true);
    expect(accepts({ ...trial, outcome: { kind: 'won', reason: null } })).toBe(false);
    const { seeds: _, ...without } = trial;
    expect(accepts(without)).toBe(false);
  });
});
