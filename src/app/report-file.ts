import { writeFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { BenchError, ExitCode, type Host, messageOf } from '../core/index.ts';

/** Writes a rendered report, and says where. @throws BenchError RESULT_NOT_WRITABLE */
export async function writeReportFile(out: string, text: string, host: Host): Promise<ExitCode> {
  const file = resolve(host.cwd, out);
  try {
    await writeFile(file, text);
  } catch (error) {
    throw new BenchError('RESULT_NOT_WRITABLE', `Cannot write ${file}: ${messageOf(error)}`, {
      hint: 'Name another file with --out.',
    });
  }
  host.stdout.write(`${relative(host.cwd, file)}\n`);
  return ExitCode.ok;
}
