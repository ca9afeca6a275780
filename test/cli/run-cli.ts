import { main } from '../../src/cli/index.ts';
import { createFakeHost, type FakeHostOptions } from '../../src/host/index.ts';

/** One command line on a host that touches nothing. */
export async function runCli(
  argv: readonly string[],
  options: Omit<FakeHostOptions, 'argv'> = {},
): Promise<{ exitCode: number; out: string; err: string }> {
  const host = createFakeHost({ argv, ...options });
  const exitCode = await main(host);
  return { exitCode, out: host.out(), err: host.err() };
}
