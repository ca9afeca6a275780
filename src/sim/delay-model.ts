import { createRng, type Rng } from '../core/index.ts';
import type { SimSpec } from './sim-spec.ts';

/** What the delays of one instant depend on. */
export interface EngineState {
  atUs: number;
  /** Requests running or waiting. */
  inFlight: number;
}

/** The delays of one request, microseconds, drawn from its own random stream. */
export interface RequestDelays {
  /** Slot to first chunk. */
  firstUs(promptTokens: number, state: EngineState): number;
  /** From one chunk to the next; `fromToken` and `toToken` count the output before and after it. */
  stepUs(fromToken: number, toToken: number, state: EngineState): number;
}

export interface DelayModel {
  /** @param number 1-based order of arrival. */
  forRequest(number: number, outputTokens: number, chunkTokens: number): RequestDelays;
  /** The time at which work of `durationUs` begun at `fromUs` is done: a freeze adds its length. */
  after(fromUs: number, durationUs: number): number;
  /** Must be called with the first request's arrival: `since: first-request` counts from it. */
  noteArrival(atUs: number): void;
}

/** An exponential draw by inversion (Devroye 1986, II.2); local, to keep this module on core alone. */
const exponential = (rng: Rng, mean: number): number => -mean * Math.log(rng.nextOpen());

/** Delays as the spec says, on a clock whose server started at `startUs`. */
export function createDelayModel(spec: SimSpec, startUs: number): DelayModel {
  let firstArrivalUs: number | null = null;
  const originUs = (since: 'start' | 'first-request'): number | null =>
    since === 'start' ? startUs : firstArrivalUs;
  const serviceRng = createRng(spec.seed, 'sim/service');

  const warmUpFactor = (number: number, atUs: number): number => {
    const warmUp = spec.warmUp;
    if (!warmUp) return 1;
    const sinceUs = originUs(warmUp.since) ?? atUs;
    const shares = [
      warmUp.forS === undefined ? 1 : (atUs - sinceUs) / (warmUp.forS * 1e6),
      warmUp.forRequests === undefined ? 1 : (number - 1) / warmUp.forRequests,
    ];
    const done = Math.min(1, ...shares);
    if (done >= 1) return 1;
    return warmUp.shape === 'step' ? warmUp.factor : warmUp.factor - (warmUp.factor - 1) * done;
  };
  const slowdown = (number: number, state: EngineState): number => {
    const { collapse } = spec;
    const excess = collapse ? Math.max(0, state.inFlight - collapse.aboveInFlight) : 0;
    const overload = 1 + excess * (collapse?.slowdownPerRequest ?? 0);
    return warmUpFactor(number, state.atUs) * overload;
  };

  return {
    noteArrival(atUs) {
      firstArrivalUs ??= atUs;
    },
    after(fromUs, durationUs) {
      const beginUs = spec.freeze ? originUs(spec.freeze.since) : null;
      if (!spec.freeze || beginUs === null) return fromUs + durationUs;
      const freezeUs = beginUs + spec.freeze.atMs * 1000;
      const thawUs = freezeUs + spec.freeze.durationMs * 1000;
      if (fromUs >= thawUs) return fromUs + durationUs;
      if (fromUs >= freezeUs) return thawUs + durationUs;
      const endUs = fromUs + durationUs;
      return endUs < freezeUs ? endUs : endUs + (thawUs - freezeUs);
    },
    forRequest(number, outputTokens, firstChunkTokens) {
      const { service, decode, jitter } = spec;
      if (service.kind !== 'by-token') {
        const wholeUs =
          (service.kind === 'constant' ? service.ms : exponential(serviceRng, service.meanMs)) *
          1000;
        const shareUs = (tokens: number, state: EngineState) =>
          ((wholeUs * tokens) / outputTokens) * slowdown(number, state);
        return {
          firstUs: (_promptTokens, state) => shareUs(firstChunkTokens, state),
          stepUs: (from, to, state) => shareUs(to - from, state),
        };
      }
      const isRandom = jitter > 0 || decode.kind === 'exponential';
      const rng = isRandom ? createRng(spec.seed, `sim/request/${number}`) : null;
      const vary = (ms: number, state: EngineState): number =>
        ms *
        1000 *
        slowdown(number, state) *
        (rng && jitter > 0 ? 1 + jitter * (2 * rng.next() - 1) : 1);
      let step = 0;
      const stepMs = (): number => {
        if (decode.kind === 'constant') return decode.itlMs;
        if (decode.kind === 'exponential') return exponential(rng as Rng, decode.meanMs);
        return decode.itlMs[step++ % decode.itlMs.length] ?? 0;
      };
      return {
        firstUs: (promptTokens, state) =>
          vary(spec.prefill.baseMs + spec.prefill.perTokenMs * promptTokens, state),
        stepUs: (_from, _to, state) => vary(stepMs(), state),
      };
    },
  };
}
