import process from 'node:process';
import { messageOf } from '../core/index.ts';
import { startSimServer } from './sim-server.ts';
import type { SimSpecInput } from './sim-spec.ts';

/**
 * The entry of the server's own process. argv[2]: JSON `{spec, host?, port?, spinMs?}`. Prints one
 * line `{"url":...}` and serves until stdin ends or SIGTERM. Exit 2: it could not start.
 */
async function main(): Promise<void> {
  const { spec, ...options } = JSON.parse(process.argv[2] ?? '{}') as {
    spec?: SimSpecInput;
    host?: string;
    port?: number;
    spinMs?: number;
  };
  const server = await startSimServer(spec, options);
  process.stdout.write(`${JSON.stringify({ url: server.url })}\n`);
  const stop = () => void server.stop().then(() => process.exit(0));
  process.stdin.on('end', stop).on('close', stop).resume();
  process.once('SIGTERM', stop);
}

main().catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 2;
});
