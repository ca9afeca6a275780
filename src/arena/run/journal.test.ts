import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openJournal } from './journal.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-journal-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const path = () => join(folder, 'journal.jsonl');

it('tells the latest entry of a state, also after it was opened again', () => {
  const journal = openJournal(folder);
  expect(journal.last('judged')).toBeNull();
  journal.append({ state: 'agent_started', usedS: 1, process: null });
  journal.append({ state: 'agent_started', usedS: 2, process: { pid: 7, startTicks: 8 } });
  for (const one of [journal, openJournal(folder)]) {
    expect(one.last('agent_started')).toMatchObject({ usedS: 2, process: { pid: 7 } });
    expect(one.last('done')).toBeNull();
  }
});

it('takes a line that was cut off for a state that was not reached', () => {
  openJournal(folder).append({ state: 'judged' });
  appendFileSync(path(), '{"state":"do');
  const said: string[] = [];
  const journal = openJournal(folder, (line) => said.push(line));
  expect(said).toEqual([expect.stringMatching(/last line of .*journal\.jsonl" was cut off/)]);
  expect(journal.last('done')).toBeNull();
  expect(readFileSync(path(), 'utf8')).toBe('{"state":"judged"}\n{"state":"do');
  journal.append({ state: 'done' });
  expect(readFileSync(path(), 'utf8')).toBe('{"state":"judged"}\n{"state":"done"}\n');
});

it('takes a whole line without its newline for a state that was reached', () => {
  openJournal(folder).append({ state: 'agent_started', usedS: 1, process: null });
  appendFileSync(path(), '{"state":"judged"}');
  const said: string[] = [];
  const journal = openJournal(folder, (line) => said.push(line));
  expect([journal.states(), said]).toEqual([['agent_started', 'judged'], []]);
  journal.append({ state: 'done' });
  expect(readFileSync(path(), 'utf8')).toMatch(/\n{"state":"judged"}\n{"state":"done"}\n$/);
});

it('refuses one that was damaged', () => {
  for (const text of ['{"state"\n', '{"state":"nowhere"}']) {
    writeFileSync(path(), text);
    expect(() => openJournal(folder)).toThrow(expect.objectContaining({ code: 'RESULT_CORRUPT' }));
  }
});
