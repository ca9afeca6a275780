import { expect, test } from 'vitest';
import type { Conformance } from '../../model/index.ts';
import { renderConformance, renderConformanceMarkdown } from './index.ts';

const conformance: Conformance = {
  ...{ schema: 'inferencebench.conformance.v1', status: 'partial', exitCode: 130 },
  ...{ startedAt: '2026-11-30T04:00:00.000Z', endedAt: '2026-11-30T04:01:00.000Z' },
  tool: { name: 'inferencebench', version: '0.1.0' },
  command: { argv: ['bench', 'conform', '--endpoint', 'http://h:1/v1', '--model', 'a b'] },
  server: {
    ...{ endpoint: 'http://h:1/v1', engine: 'vllm', version: null, started: false },
    ...{ commandLine: null, model: 'a b', contextTokens: 2048, slots: null },
  },
  ...{ api: 'chat', requests: 12, required: [] },
  rows: [
    {
      ...{ id: 'page.models', title: 'List | of models', asked: 'GET', verdict: 'yes' },
      ...{ evidence: 'HTTP 200, a | b <c>\u001b[31m', meaning: 'It is there.' },
    },
    {
      ...{ id: 'length.stop', title: 'stop', asked: 'a word', verdict: 'unknown' },
      ...{ evidence: 'interrupted', meaning: 'Not decided.' },
    },
  ],
};

test('the terminal table has verdict, row, evidence and meaning, and what is not known', () => {
  const text = renderConformance(conformance, { columns: 100, color: false });
  expect(text).toMatch(/^yes {6}page\.models {2}HTTP 200, a \| b <c>\[31m\n {22}It is there\.$/m);
  expect(text).toMatch(/^unknown {2}length\.stop {2}interrupted$/m);
  expect(text).toContain('Served at once: unknown');
  expect(text).toContain('Status:         partial');
  expect(text).toContain('1 yes, 1 unknown');
  const painted = renderConformance(conformance, { columns: 100, color: true });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are these.
  expect(painted.replaceAll(/\u001b\[\d+m/g, '')).toBe(text);
});

test('Markdown has a row each, the command to ask again, and text from outside stays text', () => {
  const text = renderConformanceMarkdown(conformance);
  expect(text).toContain("bench conform --endpoint http://h:1/v1 --model 'a b'");
  expect(text).toContain(
    '| `page.models` | List \\| of models | GET | **yes** | HTTP 200, a \\| b &lt;c>\\[31m | It is there. |',
  );
  expect(text).toContain('## Conformance of vllm\n');
  expect(text).not.toMatch(/undefined|null/);
});

test('the counts stand in the order of the verdicts, whatever the order of the rows', () => {
  const rows = conformance.rows.toReversed();
  const text = renderConformance({ ...conformance, rows }, { columns: 100, color: false });
  expect(text).toContain('\n1 yes, 1 unknown\n');
});
