import type { Finding, LevelSummary, ViewFigures } from '../../model/index.ts';

/** Requests at least, for a mean to say something. */
const enough = 10;
/** Shares of the greater of the two that may go unexplained. */
const countTolerance = 0.1;
const timeTolerance = 0.05;
/** Clocks, one scrape, one token: below this no difference means anything, milliseconds. */
const slackMs = 3;
/** Share of the engine's time between tokens by which the client's may differ. */
const rhythmTolerance = 0.25;
/** Share of the client's wait above which the way to the engine is worth a look. */
const muchOutside = 0.25;

/** Where engine and client do not agree about the same requests. */
export function judgeViews(levels: readonly LevelSummary[]): Finding[] {
  return levels.flatMap(({ index, engine }) =>
    [
      { name: 'TTFT', view: engine?.ttft ?? null },
      { name: 'E2E', view: engine?.e2e ?? null },
      { name: 'TPOT', view: engine?.tpot ?? null },
    ].flatMap(({ name, view }) => {
      if (view === null) return [];
      const finding = name === 'TPOT' ? judgeRhythm(view) : judgeView(name, view);
      return finding === null ? [] : [{ ...finding, level: index }];
    }),
  );
}

function judgeView(name: string, view: ViewFigures): Finding | null {
  const { engineMs, clientMs, outsideMs, engineRequests, clientRequests } = view;
  const seen = Math.max(engineRequests, clientRequests);
  if (seen < enough) return null;
  const between = `${name} by the engine ${ms(engineMs)} (mean of ${engineRequests}), by this client ${ms(clientMs)} (mean of ${clientRequests})`;
  if (Math.abs(engineRequests - clientRequests) > Math.max(2, countTolerance * seen)) {
    const cause =
      engineRequests > clientRequests
        ? 'something else uses this server, or requests are counted there that were cut off here'
        : 'its page covers only a part of the server, or is behind';
    return {
      code: 'engine-disagrees',
      severity: 'warning',
      message: `${between}: the engine did not count the same requests; ${cause}. Its figures of this level are not only of this load.`,
    };
  }
  if (outsideMs < -Math.max(slackMs, timeTolerance * engineMs)) {
    return {
      code: 'engine-disagrees',
      severity: 'warning',
      message: `${between}: the client cannot have waited less than the engine. The engine's stamps or the mapping of its metrics are off; trust neither until it is explained.`,
    };
  }
  const ahead = view.spread?.ahead ?? null;
  const early = ahead === null ? 0 : ahead.clientRequests - ahead.engineRequests;
  if (ahead !== null && early > Math.max(2, countTolerance * seen)) {
    return {
      code: 'engine-disagrees',
      severity: 'warning',
      message: `${between}, and yet ${ahead.clientRequests} requests took the client up to ${ms(ahead.upToMs)}, where the engine counted only ${ahead.engineRequests}: the means agree by chance. The engine's stamps, the mapping of its metrics or the client's reading is off; trust neither until it is explained.`,
    };
  }
  if (name === 'TTFT' && outsideMs > Math.max(10 * slackMs, muchOutside * clientMs)) {
    return {
      code: 'time-outside-engine',
      severity: 'warning',
      message: `${between}: ${ms(outsideMs)} pass outside the engine's own count, in its HTTP front end, the network, a proxy or this client. The client's bounds are in "What the client adds".`,
    };
  }
  return null;
}

/** Front end and network move whole streams; between the tokens of one they cancel out. */
function judgeRhythm(view: ViewFigures): Finding | null {
  const { engineMs, clientMs, outsideMs, engineRequests, clientRequests } = view;
  const seen = Math.max(engineRequests, clientRequests);
  // Other requests than these: TTFT and E2E say so already.
  if (
    seen < enough ||
    Math.abs(engineRequests - clientRequests) > Math.max(2, countTolerance * seen)
  )
    return null;
  if (Math.abs(outsideMs) <= Math.max(slackMs, rhythmTolerance * engineMs)) return null;
  return {
    code: 'engine-disagrees',
    severity: 'warning',
    message: `TPOT by the engine ${ms(engineMs)} (mean of ${engineRequests}), by this client ${ms(clientMs)} (mean of ${clientRequests}): tokens arrive in another rhythm than they are made in. Something between holds them back and lets them go together (a proxy that buffers, an engine that streams in batches), or this client is starved.`,
  };
}

const ms = (value: number) => `${Number(value.toPrecision(3))} ms`;
