import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { messageOf } from '../../core/index.ts';

/** nvidia-smi as it is run: once, or on and on in a process of its own. */
export interface Smi {
  /** @returns stdout, or why there is none */
  once(args: readonly string[]): Promise<{ text: string } | { problem: string }>;
  /** `onEnd` is told why it ended unless it was stopped. */
  loop(
    args: readonly string[],
    onLine: (line: string) => void,
    onEnd: (problem: string) => void,
  ): { stop(): Promise<void> };
}

export function createSmi(command = 'nvidia-smi'): Smi {
  return {
    once: (args) =>
      new Promise((resolve) => {
        execFile(
          command,
          args,
          { timeout: 20_000, maxBuffer: 1 << 24 },
          (error, stdout, stderr) => {
            // It says what is wrong on stdout.
            const said = (stdout + stderr).trim().split('\n')[0] ?? '';
            if (error === null) resolve({ text: stdout });
            else resolve({ problem: said === '' ? messageOf(error) : said });
          },
        );
      }),
    loop(args, onLine, onEnd) {
      const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
      let stopped = false;
      let said = '';
      const ended = endOf(child);
      void ended.then((how) => {
        if (!stopped) onEnd(said === '' ? how : said);
      });
      createInterface({ input: child.stdout }).on('line', (line) => {
        said = line;
        onLine(line);
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said = text.trim();
      });
      return {
        async stop() {
          stopped = true;
          child.kill();
          await ended;
        },
      };
    },
  };
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(messageOf(error)));
    child.once('close', (code, signal) => resolve(`it ended (${signal ?? `exit ${code}`})`));
  });
}
