import { readFileSync } from 'node:fs';
import { packageFile } from '../core/index.ts';

/** The package's own version, read from the file that npm publishes it by. */
export function packageVersion(): string {
  const text = readFileSync(packageFile('package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
