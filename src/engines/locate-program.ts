import { open, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { redactText } from '../core/index.ts';
import { atEnginePath } from './at-engine-path.ts';
import type { EngineContext } from './context.ts';
import type { InstalledEngine, LocateOptions } from './engine.ts';
import { findExecutables, isExecutable } from './find-executable.ts';
import { commandFailure, runCommand } from './run-command.ts';

export interface ProgramSearch {
  /** Id of the engine. */
  engine: string;
  /** Its program: `vllm`. */
  program: string;
  /** The Python package that has the version; null: it is no Python, and `--version` tells it. */
  package: string | null;
  /** A Python that has the package will do as well: early releases have no program of their own. */
  orPython: boolean;
  /** What to give to `--engine-path`. */
  hint: string;
}

/** Looks at `--engine-path`, then PATH. @throws BenchError `PREREQ_ENGINE_PATH` */
export async function locateProgram(
  ctx: EngineContext,
  search: ProgramSearch,
  { enginePath }: LocateOptions = {},
): Promise<InstalledEngine | null> {
  const { engine, program, orPython, hint } = search;
  const names = [program, ...(orPython ? ['python3', 'python'] : [])];
  const look = async (path: string, source: string): Promise<InstalledEngine | string> => {
    const version = await probeVersion(ctx, search, path);
    if (!version.ok) return version.text;
    return { engine, version: version.text, source, path, kind: 'binary' };
  };
  if (enginePath !== undefined) {
    return atEnginePath(enginePath, {
      inside: names.flatMap((name) => [`bin/${name}`, name]),
      what: program,
      hint,
      look: (path) => look(path, 'engine-path'),
    });
  }
  for (const name of names) {
    for (const path of await findExecutables(ctx, name)) {
      const found = await look(path, 'path');
      if (typeof found !== 'string') return found;
    }
  }
  return null;
}

/** Its programs on PATH that are not taken: `path: why`. A Python without the package is no news. */
export async function rejectedPrograms(
  ctx: EngineContext,
  search: ProgramSearch,
): Promise<string[]> {
  const rejected: string[] = [];
  for (const path of await findExecutables(ctx, search.program)) {
    const version = await probeVersion(ctx, search, path);
    if (!version.ok) rejected.push(`${path}: ${version.text}`);
  }
  return rejected;
}

/** Of `InstalledEngine.path`: it is the interpreter, not the program. */
export const isPython = (path: string) => /^python[\d.]*$/.test(basename(path));

type Probed = { ok: boolean; text: string };

/**
 * The version that the environment's packages name: asking the program itself imports torch, which
 * takes many seconds, and on a machine without a device it may not come to the answer at all.
 */
async function probeVersion(
  ctx: EngineContext,
  { package: name }: ProgramSearch,
  path: string,
): Promise<Probed> {
  if (name !== null) {
    const python = isPython(path) ? path : await interpreterOf(path);
    const code = `from importlib import metadata; print(metadata.version('${name}'))`;
    if (python !== null) {
      const asked = await runCommand(ctx, [python, '-c', code], { timeoutMs: 20_000 });
      const version = asked.stdout.trim();
      if (asked.code === 0 && version !== '') return { ok: true, text: version };
    }
    if (isPython(path)) return { ok: false, text: `it has no ${name}` };
  }
  const result = await runCommand(ctx, [path, '--version'], { timeoutMs: 120_000 });
  if (result.code !== 0) return { ok: false, text: `--version failed: ${commandFailure(result)}` };
  const said = (result.stdout + result.stderr).trim();
  const version = /\d+\.\d+\S*/.exec(said)?.[0];
  if (version !== undefined) return { ok: true, text: version };
  const shown = redactText(said.split('\n')[0]?.slice(0, 200) ?? '');
  return { ok: false, text: `--version names no version: ${shown || 'it prints nothing'}` };
}

/** The Python of a program's environment: what `#!` names, or what lies beside it. */
export async function interpreterOf(path: string): Promise<string | null> {
  const file = await open(path).catch(() => null);
  if (file === null) return null;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0);
    const first = buffer.subarray(0, bytesRead).toString('latin1').split('\n')[0] ?? '';
    const named = /^#!\s*(?:\S*\/env\s+)?(\S*python[\d.]*)\s*$/.exec(first)?.[1];
    if (named !== undefined) return named;
    // A program that can be moved with its environment names none.
    const beside = join(dirname(await realpath(path)), 'python');
    return first === '#!/bin/sh' && (await isExecutable(beside)) ? beside : null;
  } finally {
    await file.close();
  }
}
