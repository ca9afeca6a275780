import { createRequire } from 'node:module';
import type * as Undici from 'undici';

let undici: typeof Undici | null = null;

/**
 * undici, once it is needed: it takes longer to load than all of our own modules, and neither the
 * raw transport nor most commands need it.
 */
export function loadUndici(): typeof Undici {
  undici ??= createRequire(import.meta.url)('undici') as typeof Undici;
  return undici;
}
