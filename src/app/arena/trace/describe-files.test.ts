import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { describeDeleted, describeFiles, type FileFacts, kindOf } from './describe-files.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'bench-describe-')));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const MiB = 1 << 20;

function place(path: string, bytes: Buffer): string {
  const whole = join(root, path);
  mkdirSync(join(whole, '..'), { recursive: true });
  writeFileSync(whole, bytes);
  return whole;
}

const facts = (change: Partial<FileFacts> = {}): FileFacts => ({
  reach: (path) => path,
  model: [join(root, 'model')],
  folder: join(root, 'submission'),
  engines: [join(root, 'engines')],
  brought: new Set([join(root, 'submission/own.data')]),
  startedMs: 0,
  created: () => false,
  ...change,
});

describe('files of a launch', () => {
  const large = Buffer.alloc(MiB, 1);
  const gguf = Buffer.concat([Buffer.from('GGUF'), large]);
  const paths = [
    place('model/model.gguf', Buffer.from('tiny')),
    place('submission/own.data', large),
    place('submission/new.data', large),
    place('engines/lib', Buffer.concat([Buffer.from('\x7fELF'), large])),
    place('other/weights', gguf),
    place('other/small.gguf', Buffer.from('GGUF')),
    join(root, 'gone'),
    root,
  ];

  it('are told by place, kind and size, the small ones only of the model', async () => {
    const files = await describeFiles(paths, facts({ startedMs: Number.MAX_VALUE }));
    expect(files.map(({ path, ...rest }) => [path.slice(root.length + 1), rest])).toEqual([
      ['model/model.gguf', { place: 'model', bytes: 4, kind: 'weights', made: false }],
      ['submission/own.data', { place: 'submission', bytes: MiB, kind: 'data', made: false }],
      ['submission/new.data', { place: 'submission', bytes: MiB, kind: 'data', made: true }],
      ['engines/lib', { place: 'engine', bytes: MiB + 4, kind: 'program', made: false }],
      ['other/weights', { place: 'elsewhere', bytes: MiB + 4, kind: 'weights', made: false }],
    ]);
  });

  it('were made by it when they are younger than its start', async () => {
    const [file] = await describeFiles([join(root, 'other/weights')], facts());
    expect(file?.made).toBe(true);
  });

  it.runIf(process.platform === 'linux')(
    'are found without a name, while they are held',
    async () => {
      const path = place('other/held', large);
      const fd = openSync(path, 'r');
      rmSync(path);
      const found = await describeDeleted([process.pid], facts());
      closeSync(fd);
      expect(found).toContainEqual({
        ...{ path, place: 'elsewhere', bytes: MiB, kind: 'data', made: true },
      });
      expect(await describeDeleted([process.pid], facts())).not.toContainEqual(
        expect.objectContaining({ path }),
      );
    },
  );
});

it.each([
  ['x', Buffer.from('GGUF\x03'), 'weights'],
  ['x', Buffer.concat([Buffer.from([9, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('{"a":1}')]), 'weights'],
  ['lib.bin', Buffer.from('\x7fELF\x02'), 'program'],
  ['start', Buffer.from('#!/bin/sh'), 'program'],
  ['pytorch_model.bin', Buffer.from('PK\x03\x04'), 'weights'],
  ['locale-archive', Buffer.from('abcdefgh{'), 'data'],
  ['empty', Buffer.alloc(0), 'data'],
] as const)('%s is told by its first bytes and its name', (name, first, kind) => {
  expect(kindOf(`/some/${name}`, first)).toBe(kind);
});
