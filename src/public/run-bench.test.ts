import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { runBench } from './index.ts';

describe('runBench', () => {
  it('gives back what the program would have said', async () => {
    expect(await runBench(['--version'])).toEqual({
      exitCode: 0,
      stdout: `${packageJson.version}\n`,
      stderr: '',
    });
    const refused = await runBench(['run', 'llm.inference']);
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' });
    expect(refused.stderr).toContain('--endpoint');
  });

  it('works in the folder and environment it is given', async () => {
    const shown = await runBench(['show', 'no-such-result'], { cwd: '/nowhere' });
    expect(shown).toMatchObject({ exitCode: 3, stdout: '' });
    expect(shown.stderr).toContain('/nowhere/no-such-result');
    const env = { BENCH_CACHE_DIR: '/nowhere/cache', PATH: '' };
    const { stdout } = await runBench(['engine', 'list', '--json'], { env });
    const { engines, running } = JSON.parse(stdout);
    expect(running).toEqual([]);
    expect(engines.map(({ installed }: { installed: unknown }) => installed)).toContain(null);
    expect(engines.filter(({ installed }: { installed: unknown }) => installed !== null)).toEqual(
      [],
    );
  });

  it('passes text on as it comes, in the width of the stream given', async () => {
    const heard: string[] = [];
    const stdout = { isTTY: false, columns: 72, write: (text: string) => void heard.push(text) };
    const told = await runBench(['--help'], { stdout });
    expect(heard.join('')).toBe(told.stdout);
    expect(told.stdout).toContain('Usage: bench');
    expect(
      Math.max(
        ...told.stdout
          .split('Examples:')[0]!
          .split('\n')
          .map((l) => l.length),
      ),
    ).toBeLessThanOrEqual(72);
  });

  it('leaves no listeners on the streams of the process', async () => {
    await runBench(['--version']);
    const before = process.stdout.listenerCount('error');
    await runBench(['--version']);
    await runBench(['--version']);
    expect(process.stdout.listenerCount('error')).toBe(before);
  });
});
