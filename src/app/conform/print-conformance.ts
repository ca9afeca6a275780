import { relative, resolve } from 'node:path';
import { BenchError, type Host } from '../../core/index.ts';
import type { Conformance } from '../../model/index.ts';
import { renderConformance, renderConformanceMarkdown } from '../../report/index.ts';
import { toWriteError, writeFileAtomic } from '../../results/index.ts';

const asJson = (conformance: Conformance) => `${JSON.stringify(conformance, null, 2)}\n`;

const formats: Record<string, (conformance: Conformance) => string> = {
  '.md': renderConformanceMarkdown,
  '.json': asJson,
};

const formatOf = (file: string) => Object.keys(formats).find((ending) => file.endsWith(ending));

/** @throws BenchError USAGE_BAD_VALUE for a file whose name ends in nothing that is known */
export function checkOutputName(output: string | null): void {
  if (output === null || formatOf(output) !== undefined) return;
  throw new BenchError(
    'USAGE_BAD_VALUE',
    `--output: "${output}" ends neither in .md nor in .json.`,
    {
      hint: 'For example --output conformance.md',
    },
  );
}

/** @throws BenchError RESULT_NOT_WRITABLE, RESULT_DISK_FULL */
export async function writeConformance(
  conformance: Conformance,
  output: string,
  host: Host,
): Promise<void> {
  const path = resolve(host.cwd, output);
  const render = formats[formatOf(output) ?? '.json'] ?? asJson;
  try {
    await writeFileAtomic(path, render(conformance));
  } catch (error) {
    throw toWriteError(error, path);
  }
  host.stderr.write(`${relative(host.cwd, path)}\n`);
}

export function printConformance(
  conformance: Conformance,
  { json }: { json: boolean },
  { stdout, env }: Host,
): void {
  if (json) stdout.write(asJson(conformance));
  else {
    stdout.write(
      renderConformance(conformance, {
        columns: stdout.isTTY ? stdout.columns : 100,
        color: stdout.isTTY && env['NO_COLOR'] === undefined,
      }),
    );
  }
}
