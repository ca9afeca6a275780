import { writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import {
  type BenchError,
  type ExitCode,
  type Host,
  messageOf,
  redactText,
  strongestExitCode,
} from '../../core/index.ts';
import type { Comparison } from '../../model/index.ts';
import { renderCompareHtml, renderComparison } from '../../report/index.ts';
import { writeComparison } from '../../results/index.ts';
import type { CompareOutput } from './compare-settings.ts';

export const compareHtmlFile = 'compare.html';

/** Stores what the comparison came to, and says it. */
export async function finishCompare(
  comparison: Comparison,
  deps: CompareOutput & { dir: string; error: BenchError | null; host: Host },
): Promise<ExitCode> {
  const { dir, host, error } = deps;
  const problems: string[] = [];
  const report = join(dir, compareHtmlFile);
  let exitCode = comparison.exitCode as ExitCode;
  const hasReport = deps.html && comparison.results.length > 0;
  const attempts = [
    () => writeComparison(dir, comparison),
    ...(hasReport ? [() => writeFile(report, renderCompareHtml(comparison))] : []),
  ];
  for (const attempt of attempts) {
    try {
      await attempt();
    } catch (thrown) {
      problems.push(messageOf(thrown));
      exitCode = strongestExitCode([exitCode, 3]);
    }
  }
  if (deps.json) {
    const object = { ...comparison, exitCode, outputDir: dir };
    host.stdout.write(`${JSON.stringify(object, null, 2)}\n`);
  } else if (comparison.results.length > 0) {
    host.stdout.write(
      `${renderComparison(comparison, {
        columns: host.stdout.isTTY ? host.stdout.columns : 100,
        color: host.stdout.isTTY && host.env['NO_COLOR'] === undefined,
      })}\n`,
    );
  }
  for (const problem of problems) host.stderr.write(`error: ${problem}\n`);
  if (error !== null && comparison.error !== null) {
    const hint = error.hint === undefined ? '' : `\n  ${error.hint}`;
    host.stderr.write(
      redactText(`error: ${error.message}${hint}\n  (${error.code}, exit ${exitCode})\n`),
    );
  }
  const where = relative(host.cwd, dir) || '.';
  host.stderr.write(`result: ${where}\n`);
  const { design, status, blocks, blocksAsked } = comparison;
  if (design === 'paired' && status === 'partial' && blocks.length > 0) {
    const done = `${blocks.length} of ${blocksAsked} blocks were measured`;
    host.stderr.write(`${done}; the same command with --resume ${where} measures the others.\n`);
  }
  return exitCode;
}
