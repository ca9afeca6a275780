import { statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { Command } from 'commander';
import { BenchError, didYouMean } from '../../../core/index.ts';
import { attachOptions, givenFlags } from '../attach.ts';
import { readConfigFile } from '../config-file.ts';
import { parseUrl } from '../option.ts';
import { longFlag } from '../resolve.ts';
import { engineIds, runOptions } from '../run/index.ts';

/** What one word about a side turns out to be. */
export type SidePart =
  | { kind: 'stored'; paths: string[] }
  /** Options of `bench run`, raw, and words for the engine itself. */
  | { kind: 'flags'; flags: Record<string, unknown>; engineArgs: string[] }
  | { kind: 'config'; config: Record<string, unknown> };

/**
 * Tells flags, URL, YAML file, result folders (comma separated) and engine apart.
 *
 * @throws BenchError USAGE_COMPARE_SIDE, USAGE_CONFIG_*
 */
export async function readSidePart(text: string, cwd: string): Promise<SidePart> {
  const word = text.trim();
  if (word === '' || word.startsWith('-')) return parseSideFlags(word);
  if (/^https?:\/\//i.test(word) || /^[\w.-]+:\d+(\/|$)/.test(word)) {
    return { kind: 'flags', flags: { endpoint: parseUrl(word, 'side') }, engineArgs: [] };
  }
  const paths = kindOfPath(word, cwd) === 'none' ? word.split(',') : [word];
  const kinds = paths.map((path) => kindOfPath(path, cwd));
  if (kinds.every((kind) => kind === 'result')) return { kind: 'stored', paths };
  if (paths.length === 1 && kinds[0] === 'config') {
    return { kind: 'config', config: await readConfigFile(cwd, word) };
  }
  const missing = paths[kinds.indexOf('none')] ?? word;
  if ((engineIds as readonly string[]).includes(word)) {
    return { kind: 'flags', flags: { engine: word }, engineArgs: [] };
  }
  throw new BenchError(
    'USAGE_COMPARE_SIDE',
    `"${missing}" is no URL, YAML file, result folder or engine.${didYouMean(missing, engineIds)}`,
    {
      hint: "A side is http://HOST/v1, a file such as a.yaml, result folders, or flags: --a '--threads 1' --b '--threads 2'.",
    },
  );
}

function kindOfPath(path: string, cwd: string): 'result' | 'config' | 'none' {
  const stat = statSync(resolve(cwd, path), { throwIfNoEntry: false });
  if (stat === undefined) return 'none';
  if (stat.isDirectory() || basename(path) === 'envelope.json') return 'result';
  return /\.(ya?ml|json)$/i.test(path) ? 'config' : 'none';
}

/**
 * `--threads 1 --ubatch-size 64 -- -fa off`: options of `bench run`; what it does not know goes to
 * the engine, and so does everything after a lone `--`. A flag that is nearly one of `bench` is
 * taken for a slip.
 *
 * @throws BenchError USAGE_COMPARE_SIDE
 */
function parseSideFlags(text: string): SidePart {
  const words = shellWords(text);
  const end = words.indexOf('--');
  const own = end < 0 ? words : words.slice(0, end);
  const rest = end < 0 ? [] : words.slice(end + 1);
  const command = new Command('side').exitOverride().configureOutput({ writeErr: () => {} });
  attachOptions(command, runOptions);
  const { operands, unknown } = command.parseOptions(own);
  if (operands[0] !== undefined) throw notFlags(text, `"${operands[0]}" stands alone.`);
  const known = Object.values(runOptions).map((spec) => longFlag(spec));
  for (const word of unknown) {
    // Short names are near to anything: `--set` is none of `--seed`.
    const similar = /^--.{5}/.test(word) ? didYouMean(word.replace(/=.*/s, ''), known) : '';
    if (similar !== '') {
      throw notFlags(text, `${word} is no option of bench.${similar}`);
    }
  }
  return {
    kind: 'flags',
    flags: givenFlags(command, runOptions),
    engineArgs: [...unknown, ...rest],
  };
}

function notFlags(text: string, why: string): BenchError {
  return new BenchError('USAGE_COMPARE_SIDE', `Side "${text}": ${why}`, {
    hint: "Write what differs as flags of `bench run`; the engine's own flags after a lone --.",
  });
}

/** Words as a shell splits them: quotes hold them together. */
function shellWords(text: string): string[] {
  return [...text.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) =>
    word.replaceAll(/'([^']*)'|"([^"]*)"/g, (_, single, double) => String(single ?? double ?? '')),
  );
}
