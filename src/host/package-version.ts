import { readFileSync } from 'node:fs';

/** The package's own version, read from the file that npm publishes it by. */
export function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
