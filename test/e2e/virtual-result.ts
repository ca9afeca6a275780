import type { Envelope, LevelRun, SloTemplate } from '../../src/model/index.ts';
import {
  conductLevel,
  headlineLevel,
  headlineMetrics,
  noteFirstLaunch,
  repeatLaunches,
  startOfSearch,
  sustain,
  sweepAuto,
  warmUp,
} from '../../src/protocols/index.ts';
import { makeEnvelope } from '../../src/report/test-support.ts';
import { createVirtualClock, createVirtualSender, type SimSpecInput } from '../../src/sim/index.ts';
import { conductVirtually, virtualPlanner } from '../known-truth/method-virtual.ts';

/** An engine of 16 slots whose steps take longer the more it has to do. */
const engine: SimSpecInput = {
  slots: 16,
  seed: 3,
  prefill: { baseMs: 28, perTokenMs: 1.5 },
  decode: { kind: 'constant', itlMs: 11 },
  jitter: 0.25,
  collapse: { aboveInFlight: 3, slowdownPerRequest: 0.035 },
};

export const virtualSlos: readonly SloTemplate[] = [
  { id: 'llm.standard', ttftMs: 300, tpotMs: 50, e2eMs: null, quantile: 0.99 },
  { id: 'llm.realtime', ttftMs: 100, tpotMs: 30, e2eMs: null, quantile: 0.99 },
];

const empty = { values: {}, intervals: {}, flags: {}, chunkSizes: {}, outcomes: {} };

/**
 * A whole result of the simulated server in virtual time, by the code of `bench run`: warm-up and
 * gate, a search, a sustained run, closed levels beside the open ones, two launches. It says of
 * itself that it is simulated.
 */
export async function virtualResult(): Promise<{ envelope: Envelope; levels: LevelRun[] }> {
  const clock = createVirtualClock({ startUs: 5_000_000 });
  const conduct = await conductVirtually(
    {
      clock,
      spec: engine,
      slos: virtualSlos,
      outputTokens: '24:8',
      settings: { durationS: 30, sustainedS: 60, launches: 2, maxProbes: 8, restS: 1 },
      ports: {
        relaunch: (launch, seed) => {
          const spec = { ...engine, seed: 3 + launch };
          return Promise.resolve({
            ...{ readyMs: 2000 + 40 * launch, firstRequestMs: 180 + 10 * launch },
            context: { sender: createVirtualSender(spec, clock) },
            planner: virtualPlanner(seed, '24:8'),
          });
        },
      },
    },
    async (run) => {
      await warmUp(run, 16);
      await sweepAuto(run, await startOfSearch(run, 32));
      for (const inFlight of [1, 4, 16, 32]) {
        const length = { requests: 400, durationS: null, salt: `closed ${inFlight}` };
        await conductLevel(run, run.planner.closed(inFlight, length));
      }
      await sustain(run, 60);
      noteFirstLaunch(run, { readyMs: 2040, firstRequestMs: 190 });
      await repeatLaunches(run, 16);
    },
  );
  const slo = virtualSlos[0] ?? null;
  const headline = headlineLevel(conduct.summaries, slo);
  const base = makeEnvelope();
  const envelope = makeEnvelope({
    // Nothing here may look like a measurement of a real model.
    ...{
      model: { ...base.model, asked: 'sim-model', served: 'sim-model', quant: 'none', file: null },
    },
    engine: {
      ...{ id: 'simulated server', version: 'virtual time', started: false, commandLine: null },
      ...{ settings: {}, log: null },
    },
    hardware: { asked: null, detected: 'no hardware: simulated' },
    workload: { ...base.workload, dataset: 'no text', inputTokens: '8', outputTokens: '24:8' },
    client: { ...base.client, verdict: null, reason: null, errorMs: null, transport: 'virtual' },
    environment: { ...base.environment, cpuModel: 'none: simulated' },
    command: { argv: ['simulated'], resolved: {} },
    levels: conduct.summaries,
    headline,
    slo,
    slos: [...virtualSlos],
    metrics: headlineMetrics(conduct.summaries, headline, slo, empty),
    method: conduct.method,
    findings: conduct.findings,
  });
  return { envelope, levels: conduct.runs };
}
