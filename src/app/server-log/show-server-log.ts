import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { BenchError, ExitCode, type Host, messageOf } from '../../core/index.ts';
import type { LevelRun } from '../../model/index.ts';
import { renderServerLog } from '../../report/index.ts';
import { joinServerLog, readServerLog } from '../../telemetry/index.ts';

/** @throws BenchError USAGE_CONFLICT */
export function refuseServerLog(
  options: { serverLog: string | null; definitions: string | null },
  isComparison: boolean,
): void {
  if (options.serverLog === null) return;
  const other = isComparison ? 'a comparison' : options.definitions && '--definitions';
  if (other === null) return;
  throw new BenchError('USAGE_CONFLICT', `--server-log does not go with ${other}.`, {
    hint: 'Name one result folder, and no other definitions.',
  });
}

/**
 * `bench show RESULT --server-log FILE`: the same requests as the client and as the server's log saw
 * them, joined by the id that each of them carried.
 *
 * @throws BenchError USAGE_SERVER_LOG for a file that cannot be read, or names none of the requests
 */
export async function showServerLog(
  levels: readonly LevelRun[],
  file: string,
  json: boolean,
  host: Host,
): Promise<ExitCode> {
  const records = levels.flatMap((level) => level.records);
  const entries = await read(
    resolve(host.cwd, file),
    new Set(records.map(({ requestId }) => requestId)),
  );
  if (entries.size === 0) {
    throw new BenchError(
      'USAGE_SERVER_LOG',
      `${file} names none of the ${records.length} requests of this result.`,
      {
        hint: 'The server has to log x-request-id: vLLM does with --enable-log-requests. The ids are in requests.jsonl, as requestId.',
      },
    );
  }
  const joined = joinServerLog(records, entries);
  const color = host.stdout.isTTY && host.env['NO_COLOR'] === undefined;
  host.stdout.write(
    json ? `${JSON.stringify(joined, null, 2)}\n` : renderServerLog(joined, file, color),
  );
  return ExitCode.ok;
}

async function read(path: string, ids: ReadonlySet<string>) {
  try {
    const log = await open(path);
    try {
      return await readServerLog(log.readLines(), ids);
    } finally {
      await log.close();
    }
  } catch (error) {
    throw new BenchError('USAGE_SERVER_LOG', `--server-log ${path}: ${messageOf(error)}.`, {
      hint: 'Give the file that the server logs to, or the OTLP JSON that a collector writes.',
      cause: error,
    });
  }
}
