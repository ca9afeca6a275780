import type { Clock } from '../core/index.ts';
import type { LevelPlan, LevelProgress, RequestRecord } from '../model/index.ts';
import { createLogHistogram } from '../stats/index.ts';

/** Running figures of the level under way, for people who watch; results never use them. */
export interface LiveStats {
  onSend(inFlight: number): void;
  onRecord(record: RequestRecord, inFlight: number): void;
  snapshot(): LevelProgress;
}

/** After so many requests whose gaps were looked at, only every second of the following is. */
const looksPerHalving = 512;

export function createLiveStats(plan: LevelPlan, level: number, clock: Clock): LiveStats {
  const startUs = clock.nowUs();
  // A closed loop that only time limits has no planned number.
  const openEnded = plan.load.kind === 'closed' && plan.durationUs !== null;
  const ttft = createLogHistogram();
  const itl = createLogHistogram();
  let sent = 0;
  let done = 0;
  let failed = 0;
  let tokens = 0;
  let looks = 0;
  let inFlight = 0;

  return {
    onSend(now) {
      sent += 1;
      inFlight = now;
    },
    onRecord(record, now) {
      inFlight = now;
      if (record.outcome === 'cancelled') return;
      done += 1;
      if (record.outcome !== 'ok') failed += 1;
      if (record.firstTokenUs !== null) ttft.add((record.firstTokenUs - record.intendedUs) / 1000);
      // Gaps of a part of the requests are enough to look at, where there are many.
      const usage = record.outputTokensUsage;
      if (usage !== null && done % 2 ** Math.floor(looks / looksPerHalving) !== 0) {
        tokens += usage;
        return;
      }
      looks += 1;
      const { atUs, tokens: counts } = record.chunks;
      for (let i = 0; i < atUs.length; i++) {
        const n = counts[i] ?? 0;
        tokens += n;
        if (i > 0 && n > 0) itl.add(((atUs[i] ?? 0) - (atUs[i - 1] ?? 0)) / 1000 / n);
      }
    },
    snapshot() {
      const elapsedS = (clock.nowUs() - startUs) / 1e6;
      const lengthS = plannedSeconds(plan);
      const orNull = (value: number | undefined) => value ?? null;
      return {
        level,
        elapsedS,
        etaS: lengthS === null ? null : Math.max(0, lengthS - elapsedS),
        sent,
        done,
        failed,
        planned: openEnded ? sent : plan.countedRequests,
        inFlight,
        offeredRps: plan.load.rateRps,
        achievedRps: elapsedS > 0 && done > 0 ? done / elapsedS : null,
        ttftP50Ms: orNull(ttft.quantile(0.5)),
        ttftP99Ms: orNull(ttft.quantile(0.99)),
        itlP50Ms: orNull(itl.quantile(0.5)),
        itlP99Ms: orNull(itl.quantile(0.99)),
        outputTokensPerS: elapsedS > 0 && tokens > 0 ? tokens / elapsedS : null,
      };
    },
  };
}

/** How long the plan's counted arrivals take, seconds; null for a closed loop counted in requests. */
function plannedSeconds(plan: LevelPlan): number | null {
  if (plan.durationUs !== null) return plan.durationUs / 1e6;
  if (plan.load.kind === 'closed' || plan.countedRequests === 0) return null;
  const last = plan.at(plan.countedRequests - 1).intendedUs;
  return last === null ? null : last / 1e6;
}
