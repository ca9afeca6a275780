import { copyFile, mkdir, realpath, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { SandboxMount } from '../../sandbox/index.ts';

/** An engine that is there for the agent. */
export interface OfferedEngine {
  id: string;
  version: string;
  /** The folder it is installed in, or the one its executable lies in. */
  folder: string;
  /**
   * How its server is started, in a shell script: `$HERE` is the folder as the agent sees it, `$BIN`
   * that of the script, with `files`.
   */
  server: string;
  /** Files that it needs beside, by name: where they are. */
  files: Readonly<Record<string, string>>;
  /** For mission.md: what the server is called with. */
  usage: string;
}

/** `/engines` as the agent sees it: a folder of small programs, and the engines mounted into it. */
export interface EnginesFolder {
  mounts: SandboxMount[];
  place: string;
  /** Lines for mission.md. */
  lines: string[];
}

/**
 * Makes the folder.
 * @param python interpreter of this machine
 * @param placeOf of the sandbox
 */
export async function makeEnginesFolder(
  folder: string,
  options: {
    python: string;
    engines: readonly OfferedEngine[];
    placeOf: (mount: SandboxMount) => string;
  },
): Promise<EnginesFolder> {
  const { python, engines, placeOf } = options;
  const top = { from: folder, to: '/engines' };
  const bin = join(folder, 'bin');
  await mkdir(bin, { recursive: true });
  const mounts: SandboxMount[] = [top];
  const program = (name: string, text: string) =>
    writeFile(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  const lines: string[] = [];
  await program('python3', `exec ${python} "$@"`);
  mounts.push(...(await mountsOfPython(python)));
  for (const { id, version, folder: installed, server, files, usage } of engines) {
    // A mount needs a folder to be put on.
    await mkdir(join(folder, id), { recursive: true });
    const mount = { from: installed, to: `/engines/${id}` };
    mounts.push(mount);
    for (const [name, from] of Object.entries(files)) await copyFile(from, join(bin, name));
    const here = `HERE="${placeOf(mount)}"\nBIN="$(dirname "$0")"`;
    await program(`${id}-server`, `${here}\nexec ${server} "$@"`);
    lines.push(`${id} ${version}: \`$BENCH_ENGINES/bin/${id}-server ${usage}\``);
  }
  lines.push('`$BENCH_ENGINES/bin/python3`');
  return { mounts, place: placeOf(top), lines };
}

/** An interpreter outside of the system's folders has to be there too, with its libraries. */
export async function mountsOfPython(python: string): Promise<SandboxMount[]> {
  const real = await realpath(python);
  const roots = [...new Set([python, real].map((path) => dirname(dirname(path))))];
  return roots
    .filter((root) => root !== '/' && !/^\/usr(\/|$)/.test(root))
    .map((root) => ({ from: root, to: root }));
}
