import { findDataFile } from '../engines/index.ts';
import type { TokenCounter } from '../model/index.ts';
import type { Planner } from '../protocols/index.ts';
import { type DataFile, datasets, noOverhead } from '../workload/index.ts';
import {
  checkLengths,
  lengthFindings,
  measureOverhead,
  openPromptCounters,
} from './check-lengths.ts';
import { fitContext } from './fit-context.ts';
import type { MeasureDeps } from './measure-deps.ts';
import { announce, engineContext } from './open-target.ts';
import { createPlanner } from './plan-workload.ts';
import { countRowsNeeded } from './rows-needed.ts';
import { isQuickLook, type RunState, slotsOf } from './run-state.ts';

/** The file of a data set that is fetched: before an engine starts, so that what is missing is said at once. */
export async function findFile(
  { workload }: RunState,
  { host, emit, stop }: MeasureDeps,
): Promise<{ file: DataFile | null; fetchMs: number }> {
  const { dataset, path } = workload;
  if (path !== null || dataset.file !== 'optional') return { file: null, fetchMs: 0 };
  const ctx = engineContext(host, emit, stop.signal);
  const startUs = host.clock.nowUs();
  const file = await findDataFile(ctx, dataset.id, (what, offers) => announce(ctx, what, offers));
  return { file, fetchMs: (host.clock.nowUs() - startUs) / 1000 };
}

/** Loads the data set for the tokenizer and the API of the target, and checks its lengths there. */
export async function loadWorkload(
  state: RunState,
  deps: MeasureDeps,
  counter: TokenCounter | null,
  file: DataFile | null,
): Promise<(seed: number) => Planner> {
  const { settings, workload, preflight } = state;
  if (preflight === null) throw new Error('no preflight before the workload');
  const { target, facts } = preflight;
  const { dataset, path, prefix, salted } = workload;
  const chat = target.api === 'chat';
  deps.emit({ kind: 'phase', name: 'preflight', message: `prompts: ${dataset.id}` });
  const counters = await openPromptCounters(target, {
    clock: deps.host.clock,
    signal: deps.stop.signal,
    admits: state.budget.admits,
    onRecord: state.budget.count,
  });
  try {
    const remembered = counter === null ? null : rememberCounts(counter);
    const conversations = dataset.conversations === true;
    const measured = await measureOverhead(counters, remembered, { chat, conversations });
    const overhead = measured ?? noOverhead;
    const options = { counter: remembered, overhead, chat, seed: settings.seed };
    const findFile = file === null ? undefined : async () => file;
    const loaded = await dataset.load({
      ...options,
      path,
      prefix,
      salted,
      rowsNeeded: countRowsNeeded(settings, isQuickLook(settings), slotsOf(state)),
      ...(findFile && { findFile }),
    });
    const generated = await datasets.get('prose').load({ ...options, path: null });
    const fitted = fitContext(workload, loaded, facts.maxModelTokens);
    state.fitted = fitted;
    state.findings.push(...fitted.findings);
    const makePlanner = (seed: number) =>
      createPlanner({
        dataset: fitted.dataset,
        generated,
        arrival: deps.arrival,
        inputTokens: workload.inputTokens,
        outputTokens: workload.outputTokens,
        fitTokens: fitted.fitTokens,
        maxInFlight: settings.maxConcurrency?.[0] ?? null,
        seed,
      });
    const sample = makePlanner(settings.seed).closed(1, {
      requests: 1,
      durationS: null,
      salt: 'length check',
    });
    state.lengthCheck = await checkLengths(sample, counters, { chat, overhead: measured });
    state.findings.push(...lengthFindings(state.lengthCheck));
    return makePlanner;
  } finally {
    await counters.close();
  }
}

/** Longest text whose count is kept. */
const longestRemembered = 1024;

/** Two data sets ask for the same words: over the network, once is enough. */
function rememberCounts(counter: TokenCounter): TokenCounter {
  const known = new Map<string, number>();
  return {
    source: counter.source,
    async count(texts) {
      const unknown = texts.filter((text) => !known.has(text));
      const counts = await counter.count(unknown);
      const fresh = new Map(unknown.map((text, i) => [text, counts[i] ?? 0]));
      for (const [text, count] of fresh) {
        if (text.length <= longestRemembered) known.set(text, count);
      }
      return texts.map((text) => known.get(text) ?? fresh.get(text) ?? 0);
    },
  };
}
