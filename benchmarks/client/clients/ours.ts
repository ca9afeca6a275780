import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readEnvelope, readLevels } from '../../../src/results/index.ts';
import { root } from '../places.ts';
import { gaps } from './c-reader.ts';
import type { Client, SaidRequest } from './client.ts';

export interface OursOptions {
  /** Path of the built program. */
  bin: string | null;
  /** Flags added to each run: `--transport=raw`, ... */
  extra: readonly string[];
}

/** `bench run llm.inference`, as users run it. */
export function createOurs(options: OursOptions): Client {
  const bin = options.bin ?? join(root, 'dist', 'cli', 'bin.js');
  return {
    id: 'ours',
    title: 'bench (ours)',
    find: () =>
      existsSync(bin)
        ? { version: [bin, ...options.extra].join(' ') }
        : { missing: `${bin} is not there: run "npm run build", or give --ours-bin` },
    command: (cell, place) => [
      process.execPath,
      bin,
      'run',
      'llm.inference',
      '--endpoint',
      `http://127.0.0.1:${place.port}/v1`,
      '--api',
      'chat',
      ...(cell.load.kind === 'closed'
        ? ['--max-concurrency', `${cell.load.streams}`]
        : ['--rate', `${cell.load.rateRps}`]),
      ...(cell.load.kind === 'open' && cell.load.cap !== null
        ? ['--max-concurrency', `${cell.load.cap}`]
        : []),
      '--requests',
      `${place.requests}`,
      '--input-tokens',
      `${cell.inputTokens}`,
      '--output-tokens',
      `${cell.outputTokens}`,
      '--warmup-requests',
      '0',
      '--gates',
      'off',
      '--seed',
      `${place.seed}`,
      '--output',
      join(place.dir, 'result'),
      '--no-html',
      '--json',
      ...options.extra,
    ],
    async read(_cell, place) {
      const dir = join(place.dir, 'result');
      const envelope = await readEnvelope(dir);
      const [level] = await readLevels(dir, envelope);
      const counted = (level?.records ?? []).filter((record) => record.counted);
      const requests: SaidRequest[] = [];
      for (const record of counted) {
        const { firstTokenUs, lastTokenUs, sentUs } = record;
        if (record.outcome !== 'ok' || firstTokenUs === null || lastTokenUs === null) continue;
        const stampsMs = Float64Array.from({ length: record.chunks.atUs.length }, (_, i) => {
          return (record.chunks.atUs[i] ?? Number.NaN) / 1000;
        });
        requests.push({
          key: { id: record.requestId },
          ttftMs: (firstTokenUs - record.intendedUs) / 1000,
          e2eMs: (lastTokenUs - record.intendedUs) / 1000,
          itlMs: gaps(stampsMs),
          intendedMs: record.intendedUs / 1000,
          sentMs: sentUs === null ? null : sentUs / 1000,
          stampsMs,
        });
      }
      const notes = [...envelope.findings, ...(envelope.levels[0]?.findings ?? [])]
        .filter(({ severity }) => severity !== 'info')
        .map(({ code }) => code);
      return {
        requests,
        failed: counted.length - requests.length,
        notes: [...new Set(notes), `transport ${envelope.client.transport}`],
      };
    },
  };
}
