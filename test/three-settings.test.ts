import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';

const script = resolve(import.meta.dirname, '../examples/three-settings.sh');
let workspace = '';
afterEach(() => rmSync(workspace, { recursive: true, force: true }));

/** What ./evaluate says of a setting, and its exit code: 0 passed, 1 failed, 3 refused. */
type Answer = { code: number; text: string };
const passed = (score: string): Answer => ({ code: 0, text: `outcome: scored\nscore: ${score}` });

/** Runs the example with an evaluator that answers by heart. */
async function tune(one: Answer, two: Answer, three: Answer) {
  workspace = mkdtempSync(join(tmpdir(), 'bench-example-'));
  const answer = ({ code, text }: Answer) => {
    const json = JSON.stringify({ score: Number(/^score: (.*)$/m.exec(text)?.[1]), text });
    return `[ "$2" = --json ] && echo '${json}' || printf '%s\\n' '${text}'; exit ${code}`;
  };
  writeFileSync(
    join(workspace, 'evaluate'),
    `#!/bin/sh
if grep -q 'threads 1' start_server.sh; then ${answer(two)}; fi
if grep -q 'flash-attn' start_server.sh; then ${answer(three)}; fi
${answer(one)}
`,
    { mode: 0o755 },
  );
  const { code, out } = await new Promise<{ code: unknown; out: string }>((done) => {
    execFile('sh', [script], { cwd: workspace }, (error, stdout, stderr) =>
      done({ code: error?.code ?? 0, out: stdout + stderr }),
    );
  });
  return { code, out, left: readFileSync(join(workspace, 'start_server.sh'), 'utf8') };
}

describe('examples/three-settings.sh', () => {
  it('leaves the setting that scored best', async () => {
    const { code, out, left } = await tune(passed('1.500'), passed('2.250'), passed('2.125'));
    expect(code).toBe(0);
    expect(out).toContain('--threads 1: 2.250\n');
    expect(left).toContain('--port "$PORT" --threads 1\n');
  });

  it('says why a setting failed, and never leaves it', async () => {
    const failed = {
      code: 1,
      text: 'outcome: server_fail\nscore: 9.000\nreadiness: fail: burst: only 2 of 4 answers',
    };
    const { code, out, left } = await tune(passed('1.500'), failed, passed('1.250'));
    expect(code).toBe(0);
    expect(out).toMatch(/^--threads 1: failed: outcome: server_fail$/m);
    expect(out).toContain('only 2 of 4 answers');
    expect(out).not.toContain('9.000');
    expect(left).toContain('--threads 2\n');
  });

  it('leaves none of those that all failed or were refused', async () => {
    const refused = { code: 3, text: 'only 80 s are left: no evaluation is begun' };
    const { code, out } = await tune(refused, refused, refused);
    expect(code).toBe(1);
    expect(out).toContain('--threads 2: failed: only 80 s are left');
    expect(out).toContain('No setting scored');
  });
});
