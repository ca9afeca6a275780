import type { Envelope } from '../../model/index.ts';
import { articleSections } from '../article.ts';
import { selftestLine } from '../client-text.ts';
import { formatBytes, formatNumber, formatShare } from '../format.ts';
import { spendingText } from '../spending-text.ts';
import type { FactRow } from './table.ts';

export interface FactGroup {
  id: 'hardware' | 'model' | 'engine' | 'workload' | 'client' | 'run';
  title: string;
  facts: readonly FactRow[];
}

/** The article's sections, and the client and the run. What nothing tells is unknown. */
export function factGroups(envelope: Envelope): FactGroup[] {
  return [hardware, model, engine, workload, client, run].map((group) => group(envelope));
}

const ms = (value: number | null) => (value === null ? null : `${formatNumber(value)} ms`);
const yesNo = (value: boolean | null) => (value === null ? null : value ? 'yes' : 'no');

/** The article's rows of a section, and what else is known. */
function articleGroup(
  envelope: Envelope,
  id: FactGroup['id'],
  title: 'Hardware' | 'Model' | 'Engine' | 'Workload',
  more: readonly FactRow[],
): FactGroup {
  const rows = articleSections(envelope).find((section) => section.title === title)?.rows ?? [];
  const asked = rows.map(({ name, value }): FactRow => [name, value]);
  const known = new Set(asked.map(([name]) => name));
  return { id, title, facts: [...asked, ...more.filter(([name]) => !known.has(name))] };
}

function hardware(envelope: Envelope): FactGroup {
  const { hardware: found, environment: env } = envelope;
  const drivers = [...new Set(env.gpus.map(({ driver }) => driver ?? 'unknown'))];
  return articleGroup(envelope, 'hardware', 'Hardware', [
    ['Detected', found.detected],
    ...(drivers.length > 0 ? [['Driver', drivers.join('; ')] as const] : []),
    ['CPU', env.cpuModel],
    ['CPUs', env.cpuCount],
    ['Memory', formatBytes(env.memoryBytes)],
    ['System', `${env.os} ${env.kernel} ${env.arch}`],
    ['Container', yesNo(env.container)],
    ['Load before the run', env.loadAverage1],
  ]);
}

function model(envelope: Envelope): FactGroup {
  const { model: info, target } = envelope;
  return articleGroup(envelope, 'model', 'Model', [
    ['Asked for', info.asked],
    ['Context, tokens', target.maxModelTokens],
    ['File', info.file && `${info.file.path} (${formatBytes(info.file.bytes)})`],
    ['SHA-256', info.file?.sha256],
  ]);
}

function engine(envelope: Envelope): FactGroup {
  const { engine: info, target, coldStart } = envelope;
  return articleGroup(envelope, 'engine', 'Engine', [
    ['Slots (largest batch)', target.slots],
    ['Started by this run', yesNo(info.started)],
    ['API', `${target.url} (${target.api})`],
    ['Ready after', ms(coldStart.readyMs)],
    ['First request (cold)', ms(coldStart.firstRequestMs)],
    ...(info.configHash == null
      ? []
      : [['Configuration (SHA-256)', info.configHash.slice(0, 12)] as const]),
    ...(target.droppedFields.length > 0
      ? [['Fields it rejected', target.droppedFields.join(', ')] as const]
      : []),
    ...Object.entries(info.settings)
      .slice(0, 12)
      .map(
        ([name, value]): FactRow => [
          name,
          typeof value === 'string' ? value : JSON.stringify(value),
        ],
      ),
  ]);
}

function workload(envelope: Envelope): FactGroup {
  const { workload: load, seed } = envelope;
  return articleGroup(envelope, 'workload', 'Workload', [
    ['Output length enforced', yesNo(load.ignoreEos)],
    ['Temperature', load.temperature],
    ['Seed', seed],
  ]);
}

function client({ client: info }: Envelope): FactGroup {
  const { errorMs, selftest } = info;
  return {
    ...{ id: 'client', title: 'Client' },
    facts: [
      ['Verdict', info.verdict === null ? null : `${info.verdict}: ${info.reason ?? ''}`],
      ['Own error p99, TTFT', ms(errorMs?.ttft ?? null)],
      ['Own error p99, ITL', ms(errorMs?.itl ?? null)],
      ['Own error p99, E2E', ms(errorMs?.e2e ?? null)],
      ['Selftest here', selftestLine(selftest) ?? 'none; bench selftest measures it'],
      ['Transport', info.transport],
      ['Tokens checked by', info.tokenizer],
      ['Shares the host', yesNo(info.sharesHost)],
      ['CPU', info.cpuShare === null ? null : formatShare(info.cpuShare)],
      ['Send lag p99', ms(info.dispatchLagP99Ms)],
      ['Event loop delay p99', ms(info.eventLoopDelayP99Ms)],
      ['Longest GC pause', ms(info.gcMaxPauseMs)],
    ],
  };
}

function run({ tool, environment, ...envelope }: Envelope): FactGroup {
  const commit = tool.gitCommit?.slice(0, 12) ?? null;
  return {
    ...{ id: 'run', title: 'Run' },
    facts: [
      ['Run id', envelope.runId],
      ['Started', envelope.startedAt],
      ['Ended', envelope.endedAt],
      ['Tool', `inferencebench ${tool.version}, Node ${tool.node}`],
      ['Tool commit', commit && `${commit}${tool.gitDirty ? ' (modified)' : ''}`],
      ...(envelope.spending ? [['Sent in all', spendingText(envelope.spending)] as const] : []),
      ['Exit code', envelope.exitCode],
      ...Object.entries(environment.versions)
        .filter(([name]) => name !== 'node')
        .map((entry): FactRow => entry),
    ],
  };
}
