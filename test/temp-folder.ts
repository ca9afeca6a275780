import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';

/** Temporary files of a whole run of the tests in one folder, gone with its end. */
export default function setup(): () => void {
  const root = mkdtempSync(join(tmpdir(), 'bench-tests-'));
  env['TMPDIR'] = root;
  return () => rmSync(root, { recursive: true, force: true, maxRetries: 3 });
}
