/**
 * The instrument's own benchmark: our client, its peers and a reader in C against a server whose
 * truth is known, in turns, one core each. See ../README.md.
 *
 *   npm run bench:client -- --rounds 3 --seconds 8 --out figures.json
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Cell, cells, defaultCells, quickCells } from './cells.ts';
import { createCReader } from './clients/c-reader.ts';
import type { Client } from './clients/client.ts';
import { createOurs } from './clients/ours.ts';
import { createVllmBench } from './clients/vllm-bench.ts';
import { createVllmServe } from './clients/vllm-serve.ts';
import { canRaise, chooseCores } from './cores.ts';
import { type Figures, figuresOf } from './figures.ts';
import { type MeasureOptions, measure } from './measure.ts';
import { buildNative } from './native.ts';
import { root } from './places.ts';
import { type Result, renderCell, renderGoals, renderLadder } from './table.ts';
import { writeTokenizer } from './tokenizer.ts';
import { timeVersion } from './version-time.ts';

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    cells: { type: 'string' },
    clients: { type: 'string', default: 'ours,vllm-bench,vllm-serve,c-reader' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    out: { type: 'string' },
    'ours-bin': { type: 'string' },
    'ours-arg': { type: 'string', multiple: true, default: [] },
    'running-usage': { type: 'string', default: 'ignore' },
    'client-core': { type: 'string' },
    'mock-core': { type: 'string' },
    'limit-min': { type: 'string' },
    'version-time': { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    'no-nice': { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

/** What a run costs is decided here: every cell takes all clients, one after the other. */
const length = flags.quick
  ? { cells: quickCells, rounds: 2, seconds: 6, limitMin: 9 }
  : { cells: defaultCells, rounds: 3, seconds: 8, limitMin: 60 };
const rounds = Number(flags.rounds ?? length.rounds);
const seconds = Number(flags.seconds ?? length.seconds);
const limitMin = Number(flags['limit-min'] ?? length.limitMin);

const help = `npm run bench:client -- [options]
  --quick            the cells that decide, 2 rounds of 6 s, at most 9 minutes
  --cells a,b        which (default ${defaultCells.join(',')})
  --clients a,b      which of ours, vllm-bench, vllm-serve, c-reader
  --rounds n         rounds per cell, clients in turn within each (3)
  --seconds s        about how long each run's load lasts (8)
  --out file         raw figures of every run as JSON
  --ours-bin file    our program (dist/cli/bin.js)
  --ours-arg=flag    a flag more for it, e.g. --ours-arg=--transport=raw; may be repeated
  --running-usage m  ignore | honour: whether the mock knows continuous_usage_stats (ignore)
  --client-core n, --mock-core n   (two that share no physical core)
  --limit-min m      starts no further run after so many minutes (60)
  --no-nice          do not raise the priorities (raised when run as root)
  --version-time     only: how long --version takes over a bare node
  --keep             keep the files of every run and say where
  --list             cells and clients`;

await main();

async function main(): Promise<void> {
  if (flags.help) return console.log(help);
  if (flags.list) {
    for (const { id, title } of cells) console.log(`${id.padEnd(10)}${title}`);
    return;
  }
  if (flags['version-time']) return console.log(versionTime());
  if (availableParallelism() < 2 && cpus().length < 2) {
    throw new Error('Two cores are needed: one for the client, one for the server.');
  }
  const programs = buildNative();
  const work = mkdtempSync(join(tmpdir(), 'bench-client-'));
  const raise = !flags['no-nice'] && canRaise();
  const cores = chooseCores(flags['client-core'], flags['mock-core']);
  const asked = (flags.cells?.split(',') ?? length.cells).map((id) => {
    const cell = cells.find((known) => known.id === id);
    if (cell === undefined) throw new Error(`No cell ${id}; --list shows them.`);
    return cell;
  });
  const clients = findClients(programs.cReader);
  const tokenizer = writeTokenizer(join(work, 'tokenizer'));
  const results: Result[] = [];
  const startMs = performance.now();
  const overTime = () => (performance.now() - startMs) / 60_000 > limitMin;
  console.log(
    `Node ${process.versions.node}, Linux ${release()}, ${cpus()[0]?.model} x ${cpus().length}, load ${loadavg()[0]?.toFixed(1)}; client on core ${cores.client}, mock on core ${cores.mock}, priorities ${raise ? 'raised' : 'as they are'}`,
  );

  for (const cell of asked) {
    const runners = clients.filter(({ id }) => !cell.skip.includes(id));
    const most = flags.quick && cell.measure === 'freeze' ? 1 : rounds;
    for (let round = 1; round <= most && !overTime(); round++) {
      // Each round starts with another client, so that none always follows the same one.
      const turn = (_: Client, i: number) => runners[(i + round - 1) % runners.length] as Client;
      for (const client of runners.map(turn)) {
        const result = await runOnce(client, cell, round, {
          programs,
          cores,
          raise,
          runningUsage: flags['running-usage'] === 'honour' ? 'honour' : 'ignore',
          seconds,
          dir: join(work, `${cell.id}-${round}-${client.id}`),
          tokenizer,
          seed: round,
        });
        results.push(result);
        if (flags.out !== undefined) writeResults(flags.out, results, clients);
      }
    }
    console.log(
      renderCell(
        cell,
        clients.map(({ id }) => id),
        results,
      ),
    );
  }
  const ladder = asked.filter((cell) => /^s\d+$/.test(cell.id));
  const ids = clients.map(({ id }) => id);
  if (ladder.length > 1) console.log(renderLadder(ladder, ids, results));
  console.log(renderGoals(asked, ids, results));
  console.log(versionTime());
  if (overTime()) console.log(`\nStopped: --limit-min ${limitMin} is over.`);
  if (flags.keep) console.log(`\nFiles of every run: ${work}`);
  else rmSync(work, { recursive: true, force: true });
}

function versionTime(): string {
  const bin = flags['ours-bin'] ?? join(root, 'dist', 'cli', 'bin.js');
  const { bareMs, versionMs, overMs } = timeVersion(resolve(bin), flags.quick ? 7 : 15);
  return `\nnode ${bareMs.toFixed(0)} ms, bench --version ${versionMs.toFixed(0)} ms: ${overMs.toFixed(0)} ms over it (goal <= 80)`;
}

function findClients(cReader: string): Client[] {
  const known: Client[] = [
    createOurs({
      bin: flags['ours-bin'] === undefined ? null : resolve(flags['ours-bin']),
      extra: flags['ours-arg'],
    }),
    createVllmBench(),
    createVllmServe(),
    createCReader(cReader),
  ];
  const wanted = flags.clients.split(',');
  const unknown = wanted.find((id) => !known.some((client) => client.id === id));
  if (unknown !== undefined) throw new Error(`No client ${unknown}.`);
  return known.filter((client) => {
    if (!wanted.includes(client.id)) return false;
    const found = client.find();
    const text = 'version' in found ? found.version : `NOT MEASURED: ${found.missing}`;
    console.log(`${client.id.padEnd(12)}${text}`);
    return 'version' in found;
  });
}

async function runOnce(
  client: Client,
  cell: Cell,
  round: number,
  options: MeasureOptions,
): Promise<Result> {
  const base = { cell: cell.id, client: client.id, round };
  mkdirSync(options.dir, { recursive: true });
  try {
    const run = await measure(client, cell, options);
    const figures = figuresOf(cell, run);
    const disturbed = isDisturbed(cell, figures, options.raise);
    const notes = [...run.said.notes];
    if (run.launched.exitCode !== 0) notes.push(`exit ${run.launched.exitCode}`);
    if (run.launched.timedOut) notes.push('ended by the time limit');
    if (disturbed) notes.push('disturbed');
    return { ...base, figures, note: notes.join(', '), disturbed };
  } catch (error) {
    const note = `FAILED: ${error instanceof Error ? error.message : String(error)}`;
    return { ...base, figures: null, note, disturbed: false };
  } finally {
    if (!flags.keep) {
      for (const name of readdirSync(options.dir)) {
        rmSync(join(options.dir, name), { recursive: true, force: true });
      }
    }
  }
}

/**
 * The mock could not keep its schedule, or something else took the client's core (with raised
 * priorities others only get what the client leaves). In aligned cells a tick's later writes are
 * late by design, and at the mock's limit all are.
 */
function isDisturbed(cell: Cell, figures: Figures, raised: boolean): boolean {
  const foreign = figures['other work on its core, %'] ?? 0;
  const late = figures['mock: writes late by > 1 ms, %'] ?? 0;
  if ((figures['steal, %'] ?? 0) > 2 || (!raised && foreign > 10)) return true;
  if (cell.measure === 'arrivals') return (figures['TTFT true, p99, ms'] ?? 0) > 5.6;
  return cell.measure === 'timing' && cell.server.mode === 'staggered' && late > 2;
}

function writeResults(path: string, results: readonly Result[], clients: readonly Client[]): void {
  const versions = Object.fromEntries(
    clients.map((client) => {
      const found = client.find();
      return [client.id, 'version' in found ? found.version : null];
    }),
  );
  const machine = { node: process.versions.node, kernel: release(), cpu: cpus()[0]?.model };
  writeFileSync(path, `${JSON.stringify({ machine, flags, versions, results }, null, 1)}\n`);
}
