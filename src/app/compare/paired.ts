import { createHash } from 'node:crypto';
import { join, relative, resolve } from 'node:path';
import type { Host } from '../../core/index.ts';
import { compareBlocks } from '../../metrics/index.ts';
import {
  type Comparison,
  type ComparisonBlock,
  type EmitRunEvent,
  type Envelope,
  type Finding,
  formatLoad,
} from '../../model/index.ts';
import { runBlocks, type Turn } from '../../protocols/index.ts';
import { checkEndpoints } from './check-endpoints.ts';
import type { CompareRequest, SideAsked } from './compare-settings.ts';
import { contextMismatches } from './context-mismatches.ts';
import { describeRunSide } from './describe-side.ts';
import { measureTurn, turnFolder } from './measure-turn.ts';
import type { MetricsAsked } from './metrics-asked.ts';
import { checkSameSide, type EarlierBlocks, readEarlierBlocks } from './resume-comparison.ts';

export type LiveSide = Extract<SideAsked, { kind: 'live' }>;

export interface PairedDeps {
  host: Host;
  emit: EmitRunEvent;
  signal: AbortSignal;
  dir: string;
  /** Stores the comparison as it stands. */
  save(): Promise<void>;
}

/** Whether both sides are one deployment, so that one would find what the other left in a cache. */
const sameServer = ([a, b]: readonly [LiveSide, LiveSide]) =>
  a.settings.endpoint !== null && a.settings.endpoint === b.settings.endpoint;

/**
 * Measures both sides in blocks and fills in `comparison` as it goes.
 *
 * @throws BenchError whatever ends a run; the blocks before it are in the comparison
 */
export async function comparePaired(
  comparison: Comparison,
  sides: readonly [LiveSide, LiveSide],
  request: CompareRequest,
  asked: MetricsAsked,
  deps: PairedDeps,
): Promise<void> {
  const { host, emit, signal, dir } = deps;
  const { settings } = request;
  const oneServer = sameServer(sides);
  const isSame = JSON.stringify(sides[0].settings) === JSON.stringify(sides[1].settings);
  // With one side alone the pair is the A/A already.
  const again = settings.aa && !request.oneSide;
  const envelopes: Record<Turn, Envelope[]> = { A: [], B: [], again: [] };
  comparison.findings.push(...designFindings(comparison, { oneServer, isSame }));
  if (comparison.replication === 'single-launch') {
    await checkEndpoints([sides[0].settings, sides[1].settings], host, emit, signal);
  }
  const earlier =
    settings.resume === null
      ? null
      : await readEarlierBlocks(resolve(host.cwd, settings.resume), comparison, {
          A: sides[0].settings,
          B: sides[1].settings,
        });
  comparison.findings.push(...resumeFindings(earlier));
  const base = [...comparison.findings];
  /** Results of the block under way; of a block that is not finished none is named. */
  let folders = new Map<Turn, string>();
  const take = (turn: Turn, envelope: Envelope, folder: string) => {
    if (envelopes.A.length + envelopes.B.length === 0 && envelope.levels[0]) {
      comparison.load = formatLoad(envelope.levels[0].load);
    }
    envelopes[turn].push(envelope);
    folders.set(turn, relative(dir, folder));
    if (turn === 'again') return;
    const at = comparison.sides[turn === 'B' ? 1 : 0];
    if (envelopes[turn].length === 1) at.describe = describeRunSide(envelope, at.describe);
  };
  await runBlocks({
    blocks: settings.blocks,
    again,
    metrics: [...asked.primary, ...asked.others],
    // A deployment that stays gets prompts of its own in each turn, of the same lengths.
    sameRequests: !oneServer && !(again && comparison.replication === 'single-launch'),
    signal,
    reuse(block) {
      const turns = earlier?.blocks[block] ?? null;
      for (const [turn, { envelope, folder }] of turns ?? []) take(turn, envelope, folder);
      return turns;
    },
    async measure(turn, block) {
      const side = turn === 'B' ? sides[1] : sides[0];
      const own = oneServer || (turn === 'again' && comparison.replication === 'single-launch');
      emit({
        kind: 'phase',
        name: 'measure',
        message: `block ${block + 1} of ${settings.blocks}: side ${turn === 'again' ? 'A again' : turn}${side.text === '' ? '' : ` (${comparison.sides[turn === 'B' ? 1 : 0].describe})`}`,
      });
      const result = await measureTurn({
        ...{ turn, block, dir, host, emit: quieter(emit), settings: side.settings },
        salt: own ? `block ${block} ${turn}` : `block ${block}`,
      });
      const before = earlier?.blocks[0]?.get(turn)?.envelope;
      if (before !== undefined) checkSameSide(turn === 'B' ? 'B' : 'A', before, result.envelope);
      take(turn, result.envelope, join(dir, turnFolder(turn, block)));
      return result;
    },
    async onBlock(block) {
      comparison.blocks.push(block);
      comparison.sides[0].results.push(folders.get('A') ?? '');
      comparison.sides[1].results.push(folders.get('B') ?? '');
      folders = new Map();
      comparison.results = compareBlocks(comparison.blocks, {
        ...asked,
        marginShare: settings.margin,
      });
      comparison.planHash = hashOf(comparison.blocks);
      comparison.mismatches = contextMismatches(
        envelopes.A.map(contextOf),
        envelopes.B.map(contextOf),
        true,
      );
      comparison.findings = [...base, ...blockFindings(comparison), ...runFindings(envelopes)];
      emit({ kind: 'log', message: blockLine(block, comparison, asked) });
      await deps.save();
    },
  });
}

const contextOf = (envelope: Envelope) => ({ envelope, definition: 'this version' });

/** Of a run inside a comparison only what people wait for. */
function quieter(emit: EmitRunEvent): EmitRunEvent {
  return (event) => {
    const kept = ['download', 'level-start', 'progress'].includes(event.kind);
    if (kept || (event.kind === 'phase' && event.name === 'install')) emit(event);
  };
}

function hashOf(blocks: readonly ComparisonBlock[]): string | null {
  if (blocks.some(({ planHash }) => planHash === null)) return null;
  const text = blocks.map(({ planHash }) => planHash).join('\n');
  return createHash('sha256').update(text).digest('hex');
}

function blockLine(block: ComparisonBlock, comparison: Comparison, asked: MetricsAsked): string {
  const ratios = asked.primary.map((metric) => {
    const { a = null, b = null } = block.values[metric] ?? {};
    return `${metric} ${a === null || b === null ? 'not measured' : (b / a).toFixed(3)}`;
  });
  const left = block.valid ? '' : `; left out: ${block.reason}`;
  return `block ${block.index + 1} of ${comparison.blocksAsked}, B/A: ${ratios.join(', ')}${left}`;
}

function resumeFindings(earlier: EarlierBlocks | null): Finding[] {
  const count = earlier?.blocks.length ?? 0;
  if (earlier === null || count === 0) return [];
  return [
    {
      code: 'comparison-resumed',
      severity: 'info',
      message: `${count} ${count === 1 ? 'block was' : 'blocks were'} taken over from ${earlier.dir}, begun ${earlier.startedAt}: what drifted since then meets both sides alike.`,
    },
  ];
}

function designFindings(
  { replication }: Comparison,
  { oneServer, isSame }: { oneServer: boolean; isSame: boolean },
): Finding[] {
  const findings: Finding[] = [];
  if (isSame) {
    findings.push({
      code: 'same-configuration',
      severity: 'info',
      message:
        'both sides are the same (A/A): whatever differs between them is noise, and the interval is what this machine cannot tell apart.',
    });
  }
  if (replication === 'single-launch') {
    findings.push({
      code: 'single-launch',
      severity: 'warning',
      message: `each side is one deployment that was running already${oneServer ? ', and both are the same' : ''}: a server started again may differ by more than these intervals, which hold for these two starts. Compare stored results of several starts, or let bench start the engines.`,
    });
  }
  if (oneServer) {
    findings.push({
      code: 'prompts-differ',
      severity: 'info',
      message:
        'both sides are one server, so each got prompts of its own (same arrivals, same lengths): otherwise the second would find the first one’s in the prefix cache.',
    });
  }
  return findings;
}

function blockFindings({ blocks }: Comparison): Finding[] {
  const invalid = blocks.filter(({ valid }) => !valid);
  const [first] = invalid;
  if (first === undefined) return [];
  return [
    {
      code: 'blocks-left-out',
      severity: 'warning',
      message: `${invalid.length} of ${blocks.length} blocks are not valid and are left out; block ${first.index + 1}: ${first.reason}`,
    },
  ];
}

/** What the runs themselves warned of, counted. */
function runFindings(envelopes: Record<Turn, Envelope[]>): Finding[] {
  const all = Object.values(envelopes).flat();
  const counts = new Map<string, number>();
  for (const envelope of all) {
    const warnings = [...envelope.findings, ...envelope.levels.flatMap(({ findings }) => findings)]
      .filter(({ severity }) => severity === 'warning')
      .map(({ code }) => code);
    for (const code of new Set(warnings)) counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  if (counts.size === 0) return [];
  const listed = [...counts].map(([code, count]) => `${code} (${count} of ${all.length} runs)`);
  return [
    {
      code: 'runs-warn',
      severity: 'info',
      message: `the runs have warnings of their own: ${listed.join(', ')}; see them with bench show on a folder under runs/.`,
    },
  ];
}
