import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, describe, expect, it } from 'vitest';
import { schemaFiles } from './json-schemas.ts';
import { parseEnvelope, readEnvelope } from './read-envelope.ts';
import { createRunWriter } from './run-writer.ts';
import { createSampleEnvelope, createSampleRecord } from './test-support.ts';

const root = mkdtempSync(join(tmpdir(), 'bench-schemas-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const published = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../schemas/${name}`, import.meta.url), 'utf8'));
const compile = (name: string) =>
  new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true }).compile(
    published(name) as object,
  );

describe('published schemas', () => {
  it.each([
    'comparison.v1.schema.json',
    'conformance.v1.schema.json',
    'envelope.v1.schema.json',
    'request.v1.schema.json',
  ])('%s is up to date (npx vitest run src/results/schemas.test.ts -u writes it)', async (name) => {
    const text = (await schemaFiles())[name];
    await expect(text).toMatchFileSnapshot(`../../schemas/${name}`);
  });

  it('accept what is written, and more fields, but not fewer or others', async () => {
    const dir = join(root, 'run');
    const writer = await createRunWriter(dir, { runId: 'RUN' });
    const failed = { outcome: 'refused', sentUs: null, status: null, error: 'no' } as const;
    writer.appendRecord(createSampleRecord(0, 0));
    writer.appendRecord(createSampleRecord(0, 1, failed));
    await writer.finish(createSampleEnvelope());
    const accepts = compile('envelope.v1.schema.json');
    const envelope = JSON.parse(readFileSync(join(dir, 'envelope.json'), 'utf8'));
    accepts(envelope);
    expect(accepts.errors).toBeNull();
    expect(accepts({ ...envelope, later: 1 })).toBe(true);
    expect(accepts({ ...envelope, status: 'fine' })).toBe(false);
    const { seed: _, ...without } = envelope;
    expect(accepts(without)).toBe(false);
    const acceptsLine = compile('request.v1.schema.json');
    for (const line of readFileSync(join(dir, 'requests.jsonl'), 'utf8').trimEnd().split('\n')) {
      acceptsLine(JSON.parse(line));
      expect(acceptsLine.errors).toBeNull();
      expect(acceptsLine({ ...JSON.parse(line), outcome: 'lost' })).toBe(false);
    }
  });
});

describe('readEnvelope', () => {
  const readText = (text: string) => {
    const path = join(root, 'envelope.json');
    writeFileSync(path, text);
    return readEnvelope(path);
  };

  it('returns what was written, with fields it does not know', async () => {
    const envelope = { ...createSampleEnvelope(), later: 1 };
    expect(await readText(JSON.stringify(envelope))).toEqual(envelope);
  });

  it('names what is wrong', async () => {
    await expect(readEnvelope(join(root, 'nowhere'))).rejects.toMatchObject({
      code: 'RESULT_NOT_FOUND',
      message: expect.stringContaining('nowhere'),
    });
    const empty = mkdtempSync(join(root, 'empty-'));
    await expect(readEnvelope(empty)).rejects.toMatchObject({ code: 'RESULT_NOT_FOUND' });
    await expect(readText('{"schema":')).rejects.toMatchObject({ code: 'RESULT_CORRUPT' });
    await expect(readText('[]')).rejects.toMatchObject({ code: 'RESULT_CORRUPT' });
    await expect(readText('{"schema":"inferencebench.envelope.v9"}')).rejects.toMatchObject({
      code: 'RESULT_UNKNOWN_SCHEMA',
      message: expect.stringContaining('v9'),
    });
    const broken = { ...createSampleEnvelope(), client: { transport: 7 } };
    await expect(parseEnvelope(broken, 'somewhere')).rejects.toMatchObject({
      code: 'RESULT_CORRUPT',
      message: expect.stringMatching(/"somewhere" is not a result: client\./),
    });
  });
});

it('zod is loaded only when a stored result is read', () => {
  const sources = [
    'index',
    'comparison-file',
    'json-schemas',
    'read-envelope',
    'read-levels',
    'run-writer',
  ];
  for (const name of sources) {
    const text = readFileSync(new URL(`./${name}.ts`, import.meta.url), 'utf8');
    expect(text).not.toMatch(/^(import|export) (?!type).*['"](zod|.*-schema\.ts)['"]/m);
  }
});
