#!/usr/bin/env node
import { asOwnLimit } from '../core/index.ts';
import { createNodeHost, packageVersion, whenWritten } from '../host/index.ts';
import { renderError } from './render-error.ts';

const host = createNodeHost();
if (host.argv.length === 1 && host.argv[0] === '--version') {
  // Asked by scripts: the commands and all that they need take several times as long to load.
  host.stdout.write(`${packageVersion()}\n`);
} else {
  try {
    const { main } = await import('./main.ts');
    process.exitCode = await main(host);
  } catch (error) {
    // Modules are files too: with a low limit they are the first that cannot be opened.
    const limit = asOwnLimit(error);
    if (limit === null) throw error;
    host.stderr.write(renderError(limit));
    process.exitCode = limit.exitCode;
  }
}
// A pipe whose reader is slow still has most of a long answer before it.
await Promise.all([whenWritten(process.stdout), whenWritten(process.stderr)]);
// Sockets kept alive or a stuck child must not hold an answered command open.
process.exit();
