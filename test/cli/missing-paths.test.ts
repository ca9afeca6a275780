import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
// Loaded before the first test, which else waits for all of it.
import '../../src/app/index.ts';
import { runCli } from './run-cli.ts';

let cwd = '';
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'bench-paths-'));
  writeFileSync(join(cwd, 'file.gguf'), 'words\n');
  writeFileSync(join(cwd, 'agent.sh'), '#!/bin/sh\n');
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const small = ['--scenario', 'decode', '--class', 'small', '--sandbox', 'process'];
const judge = (...argv: string[]) => ['arena', 'judge', ...small, '--submission', '.', ...argv];
const run = (...argv: string[]) => ['run', 'llm.inference', '--endpoint', '127.0.0.1:9', ...argv];
const check = (...argv: string[]) => ['arena', 'scenario', 'check', 'decode', ...argv];

/** The rule of docs/reference/exit-codes.md. */
const written: [string, (path: string) => string[]][] = [
  ['a config', (path) => run('--config', path)],
  ['prices', (path) => run('--model', 'm', '--max-cost', '1', '--prices', path)],
  ['a scenario', (path) => ['arena', 'scenario', 'show', `./${path}`]],
  ['a submission', (path) => ['arena', 'judge', ...small, '--submission', path]],
  ['questions', (path) => judge('--questions', path)],
  ['a program for a second opinion', (path) => judge('--second-opinion', path)],
  ['cheats', (path) => check('--cheats', path)],
  ['rules', (path) => ['arena', 'score', '--rules', path, '.']],
  ["an agent's script", (path) => ['arena', 'run', ...small, '--agent', `script:${path}`]],
];
const made: [string, (path: string) => string[]][] = [
  ['a result', (path) => ['show', path]],
  ['a result to report', (path) => ['report', path]],
  ['trials', (path) => ['arena', 'score', path]],
  ['trials of a board', (path) => ['arena', 'leaderboard', path]],
  ['a trial to resume', (path) => ['arena', 'resume', path]],
  ['a check to resume', (path) => check('--resume', path)],
  ['a reference', (path) => judge('--reference', path)],
  [
    'a reference of a run',
    (path) => ['arena', 'run', ...small, '--agent', 'script:agent.sh', '--reference', path],
  ],
  ['a model of a judge', (path) => judge('--model-path', path)],
];

describe.each([
  ['what you write', 2, written],
  ['what is made for you', 3, made],
] as const)('%s ends with %i', (_, code, cases) => {
  test.each(cases)('%s, where nothing is there', async (_, argv) => {
    const { exitCode, err } = await runCli(argv('nowhere'), { cwd });
    expect(err).toMatch(/nowhere/);
    expect(err).toContain(`exit ${code})`);
    expect(exitCode).toBe(code);
  });

  test.each(cases)('%s, where something else is', async (_, argv) => {
    const { exitCode, err } = await runCli(argv('file.gguf'), { cwd });
    expect(err).toMatch(/file/);
    expect(exitCode, err).toBe(code);
  });
});
