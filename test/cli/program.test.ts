import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
// esbuild: its metafile is the import graph as it is after types are gone.
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { createProgram } from '../../src/cli/index.ts';
import { runOptions } from '../../src/cli/options/run/index.ts';
import { createFakeHost } from '../../src/host/index.ts';
import { runCli } from './run-cli.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { version: string };

/** The words that lead to each command, the program itself first. */
function pathsOf(command: Command, path: string[] = []): string[][] {
  return [path, ...command.commands.flatMap((sub) => pathsOf(sub, [...path, sub.name()]))];
}
const commands = pathsOf(createProgram(createFakeHost(), () => {})).map((path) => ({
  name: ['bench', ...path].join(' '),
  path,
}));

test('there are the commands that scripts know', () => {
  expect(commands.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      'bench run',
      'bench show',
      'bench report',
      'bench doctor',
      ...['install', 'start', 'stop', 'list', 'doctor', 'logs'].map(
        (verb) => `bench engine ${verb}`,
      ),
      ...['pull', 'convert', 'list'].map((verb) => `bench model ${verb}`),
    ]),
  );
});

test.each(commands)('$name --help', async ({ name, path }) => {
  const { exitCode, out, err } = await runCli([...path, '--help'], { columns: 100 });
  expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
  expect(out).toMatch(new RegExp(`^Usage: ${name}\\b`));
  // A line of its own below the usage says what it is for.
  expect(out.split('\n')[2]).toMatch(/\S{2,}/);
  expect(out).not.toMatch(/undefined|\[object|null\b/);
  for (const line of out.split('\n')) {
    // The examples are to be copied and pasted: they are not broken.
    if (!line.includes('bench ')) expect(line.length, line).toBeLessThanOrEqual(100);
  }
});

test('the help of run names every option and has examples', async () => {
  const { out } = await runCli(['run', '--help'], { columns: 100 });
  for (const spec of Object.values(runOptions)) expect(out).toContain(spec.flags);
  expect(out).toContain('Examples:');
  expect(out).toContain('--engine llama.cpp --model smollm2-135m');
});

test.each(['--version', '-V'])('%s', async (flag) => {
  expect(await runCli([flag])).toEqual({ exitCode: 0, out: `${version}\n`, err: '' });
});

test('a host of the narrowest terminal gets help too', async () => {
  const { exitCode, out } = await runCli(['run', '--help'], { columns: 20 });
  expect(exitCode).toBe(0);
  expect(out).toContain('--endpoint');
});

/**
 * What `--version` and shell completion pay for: everything that is reached from the program's
 * entry without an `import()`. Types are erased first.
 */
test('building the program loads nothing heavy', async () => {
  const { metafile } = await build({
    entryPoints: ['src/cli/bin.ts'],
    absWorkingDir: root,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    splitting: true,
    outdir: 'unused',
    write: false,
    metafile: true,
  });
  const reached = new Set<string>();
  const packages = new Set<string>();
  const visit = (path: string): void => {
    if (reached.has(path)) return;
    reached.add(path);
    for (const edge of metafile.inputs[path]?.imports ?? []) {
      if (edge.kind !== 'import-statement') continue;
      if (edge.external !== true) visit(edge.path);
      else if (!builtinModules.includes(edge.path.replace('node:', ''))) packages.add(edge.path);
    }
  };
  visit('src/cli/bin.ts');
  // Behind `--version`, which needs none of it.
  visit('src/cli/main.ts');
  expect(reached).toContain('src/cli/options/run/index.ts');
  // The walk would see it if a command were imported at once: the code of runs is in the bundle.
  expect(metafile.inputs).toHaveProperty(['src/app/run-inference.ts']);
  expect([...packages].sort()).toEqual(['commander', 'fastest-levenshtein']);
  const modules = new Set([...reached].map((path) => path.split('/')[1]));
  expect(modules).toEqual(new Set(['cli', 'core', 'host']));
});
