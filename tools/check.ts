/**
 * The one runner behind `npm test`: every stage in order, also after one has failed, then
 * minutes per stage and a closing line `N passed, N failed`.
 *
 *   tsx tools/check.ts                all stages
 *   tsx tools/check.ts lint unit      only these
 *   tsx tools/check.ts --list         their names
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, relative, resolve } from 'node:path';
import { closingLine, countVitest, type Failure, failuresOf } from './count-results.ts';
import { type Again, afterSecondLook, type Outcome, toLookAtAgain } from './look-again.ts';

const root = resolve(import.meta.dirname, '..');
const reports = mkdtempSync(join(tmpdir(), 'bench-check-'));

interface Stage {
  name: string;
  title: string;
  run(): Promise<Outcome>;
  /** Some tests of the stage once more, and nothing beside them. */
  again?(which: Again): Promise<Outcome>;
}

const stages: Stage[] = [
  command('format', 'format', 'biome', 'check', '.'),
  command('lint', 'lint', 'oxlint'),
  command('types', 'types', 'tsc', '-p', 'tsconfig.json'),
  vitest('boundaries', 'boundaries', 'unit', 'test/boundaries.test.ts'),
  vitest('unit', 'unit and property tests', 'unit', '--exclude=test/boundaries.test.ts'),
  vitest('known-truth', 'known truth, on the virtual clock', 'known-truth'),
  vitest('e2e-sim', 'end to end, simulated server', 'e2e-sim'),
  vitest('e2e-arena', 'end to end, trials of toy servers', 'e2e-arena'),
  vitest('corpus', 'the arena judges servers that cheat, and honest ones', 'corpus'),
  vitest('e2e-real', 'end to end, real engine', 'e2e-real'),
  command('build', 'build', 'npm', 'run', '--silent', 'build'),
  command('package', 'package check', 'tsx', 'tools/check-package.ts'),
  command('knip', 'dead code', 'knip'),
  command('docs', 'generated docs up to date', 'tsx', 'tools/generate-docs.ts', '--check'),
];

process.exitCode = await main(process.argv.slice(2));

async function main(asked: string[]): Promise<number> {
  if (asked.includes('--list')) {
    for (const { name, title } of stages) console.log(`${name.padEnd(12)}${title}`);
    return 0;
  }
  const unknown = asked.filter((name) => !stages.some((stage) => stage.name === name));
  if (unknown.length > 0) {
    console.error(
      `No stage ${unknown.join(', ')}; there are: ${stages.map((s) => s.name).join(' ')}`,
    );
    return 2;
  }
  const chosen = asked.length === 0 ? stages : stages.filter(({ name }) => asked.includes(name));
  const rows: (Outcome & { stage: Stage; title: string; minutes: number })[] = [];
  for (const stage of chosen) {
    console.log(`\n=== ${stage.title}`);
    const startMs = performance.now();
    const outcome = await stage.run();
    const minutes = (performance.now() - startMs) / 60_000;
    rows.push({ ...outcome, stage, title: stage.title, minutes });
  }
  const unsteady = await lookAgain(rows);
  rmSync(reports, { recursive: true, force: true });

  console.log('\nminutes  passed  failed  stage');
  for (const { title, minutes, counts } of rows) {
    const numbers = [minutes.toFixed(2).padStart(7), pad(counts.passed), pad(counts.failed)];
    console.log(`${numbers.join('')}  ${title}`);
  }
  const minutes = rows.reduce((sum, row) => sum + row.minutes, 0);
  console.log(
    `${minutes.toFixed(2).padStart(7)}${' '.repeat(18)}in all, Node ${process.versions.node}`,
  );
  const total = rows.reduce(
    (sum, { counts }) => ({
      passed: sum.passed + counts.passed,
      failed: sum.failed + counts.failed,
    }),
    { passed: 0, failed: 0 },
  );
  // Last, where a log that is cut short still has them.
  for (const failure of unsteady) console.log(`passed the second time: ${tell(failure)}`);
  for (const { title, failures, counts } of rows) {
    for (const failure of failures) console.log(`failed: ${tell(failure)}`);
    if (counts.failed > failures.length) console.log(`failed: ${title}`);
  }
  console.log(closingLine(total));
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

/**
 * Runs the few tests of a stage that failed once more, alone: hundreds of tests share two cores with
 * real servers. What passes then is counted as passed and named.
 */
async function lookAgain(rows: (Outcome & { stage: Stage })[]): Promise<Failure[]> {
  const all: Failure[] = [];
  for (const row of rows) {
    const { again, title } = row.stage;
    if (again === undefined) continue;
    for (const which of toLookAtAgain(row)) {
      console.log(`\n=== ${title}, what failed once more`);
      const { outcome, unsteady } = afterSecondLook(row, which, await again(which));
      Object.assign(row, outcome);
      all.push(...unsteady);
    }
  }
  return all;
}

function tell({ file, test, message }: Failure): string {
  return [relative(root, file), test, message].filter(Boolean).join(' > ');
}

function pad(count: number): string {
  return String(count).padStart(8);
}

/** A stage that counts as one: passed when the command exits with 0. */
function command(name: string, title: string, program: string, ...args: string[]): Stage {
  const run = async (): Promise<Outcome> => {
    const failed = (await execute(program, args)) === 0 ? 0 : 1;
    return { counts: { passed: 1 - failed, failed }, failures: [] };
  };
  return { name, title, run };
}

/** A stage that counts its tests. */
function vitest(name: string, title: string, project: string, ...args: string[]): Stage {
  const execution = async (...more: readonly string[]): Promise<Outcome> => {
    const report = join(reports, `${name}.json`);
    rmSync(report, { force: true });
    const code = await execute('vitest', [
      'run',
      `--project=${project}`,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...args,
      ...more,
    ]);
    let text: string | null = null;
    try {
      text = readFileSync(report, 'utf8');
    } catch {
      // Vitest died before it could write: counted as a failure.
    }
    return { counts: countVitest(text, code), failures: failuresOf(text) };
  };
  const again = ({ file, pattern }: Again) =>
    execution(file, ...(pattern === null ? [] : ['-t', pattern]));
  return { name, title, run: () => execution(), again };
}

/** Runs a program of node_modules under this Node; nothing can wait for a key. */
function execute(program: string, args: readonly string[]): Promise<number> {
  const path = [join(root, 'node_modules/.bin'), dirname(process.execPath), process.env['PATH']];
  return new Promise((settle) => {
    const child = spawn(program, args, {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      // A stage that hangs must not take the others' results with it.
      timeout: 25 * 60_000,
      env: { ...process.env, PATH: path.join(delimiter), CI: 'true', NO_COLOR: '1' },
    });
    child.on('error', (error) => {
      console.error(`${program}: ${error.message}`);
      settle(1);
    });
    child.on('close', (code) => settle(code ?? 1));
  });
}
