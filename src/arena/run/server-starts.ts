import { appendFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

/** A server that was started in the agent's time: by an evaluation, or by the agent itself. */
export interface ServerStart {
  /** Seconds of the agent's time. */
  atS: number;
  flags: string[];
  /** Of what was evaluated; null = the agent's own start. */
  submissionSha256: string | null;
}

/** Outlives a kill of the arena: a line of JSON for each start. */
export function appendStart(path: string, start: ServerStart): void {
  try {
    appendFileSync(path, `${JSON.stringify(start)}\n`);
  } catch {
    // A full disk costs the figure, not the trial.
  }
}

/** In order; a line that was cut off by a kill is left out. */
export async function readStarts(path: string): Promise<ServerStart[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as ServerStart];
    } catch {
      return [];
    }
  });
}
