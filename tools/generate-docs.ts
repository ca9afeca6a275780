/**
 * Writes docs/reference/ and the generated parts of docs/design/ and docs/engines/ from the source.
 *
 *   tsx tools/generate-docs.ts           write
 *   tsx tools/generate-docs.ts --check   write nothing; name what is out of date and fail
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { renderArchitecture } from './docs-architecture.ts';
import { renderCli } from './docs-cli.ts';
import { enginePages } from './docs-engines.ts';
import { renderErrors, renderExitCodes } from './docs-errors.ts';
import { renderMetrics } from './docs-metrics.ts';

const root = resolve(import.meta.dirname, '..');

/** File to its renderer, which gets the present text; null: its source is not there yet. */
const documents: Record<string, (present: string) => string | null | Promise<string | null>> = {
  'docs/reference/cli.md': () => renderCli(root),
  'docs/reference/metrics.md': () => renderMetrics(root),
  'docs/reference/exit-codes.md': renderExitCodes,
  'docs/reference/errors.md': () => renderErrors(root),
  'docs/design/architecture.md': renderArchitecture,
  ...enginePages,
};

const check = process.argv.includes('--check');
for (const [path, render] of Object.entries(documents)) {
  const file = join(root, path);
  const present = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const wanted = await render(present);
  if (wanted === null) {
    console.log(`${path}: skipped, what it is made from does not exist yet`);
  } else if (wanted === present) {
    console.log(`${path}: up to date`);
  } else if (check) {
    console.error(`${path}: out of date: run npm run docs\n${firstDifference(present, wanted)}`);
    process.exitCode = 1;
  } else {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, wanted);
    console.log(`${path}: written`);
  }
}

function firstDifference(present: string, wanted: string): string {
  const [old, now] = [present.split('\n'), wanted.split('\n')];
  const at = now.findIndex((line, index) => line !== old[index]);
  const line = at === -1 ? now.length : at;
  return `  line ${line + 1}\n  - ${old[line] ?? ''}\n  + ${now[line] ?? ''}`;
}
