import type { Answer, Ask, Traffic } from '../../../arena/index.ts';
import {
  type ClientTarget,
  createSender,
  defaultTarget,
  detailsOf,
  type OutputText,
} from '../../../client/index.ts';
import type { Clock } from '../../../core/index.ts';
import { createInlineLoad } from '../../../driver/index.ts';
import { createLoadRunner } from '../../../loadgen/index.ts';
import type { LevelPlan, LoadSpec, PlannedRequest, RequestRecord } from '../../../model/index.ts';
import { arrivalTimes } from './arrival-times.ts';

/** How the judge asks a server: one form for probes, gate and timed traffic, for both sides. */
export interface AskTarget {
  /** `http://127.0.0.1:8000/v1` */
  baseUrl: string;
  model: string;
  requestTimeoutMs: number;
}

/** Sends traffic through the client of every measurement; timed traffic from threads of its own. */
export async function sendTraffic(
  target: AskTarget,
  traffic: Traffic,
  deps: { clock: Clock; signal: AbortSignal },
): Promise<Answer[]> {
  const [first] = traffic.asks;
  if (first === undefined) return [];
  const { patience = 1 } = traffic;
  const patient = { ...target, requestTimeoutMs: patience * target.requestTimeoutMs };
  const client = clientTarget(patient, first);
  const originUs = deps.clock.nowUs();
  const options = {
    plan: planOf(traffic),
    level: 0,
    originUs,
    // The same for all traffic: an id tells a server nothing of what it is for.
    idPrefix: 'arena',
    signal: deps.signal,
    tail: false,
  };
  if (traffic.timed) {
    const runner = await createLoadRunner({ target: client, clock: deps.clock });
    try {
      const { records } = await runner.runLevel({ ...options, allTexts: true });
      return answersOf(traffic, records);
    } finally {
      await runner.close();
    }
  }
  const sender = createSender(client, { clock: deps.clock });
  try {
    const { records } = await createInlineLoad(deps.clock, sender)(options);
    return answersOf(traffic, records);
  } finally {
    await sender.close();
  }
}

function clientTarget(target: AskTarget, { temperature, ignoreEos }: Ask): ClientTarget {
  return {
    ...defaultTarget,
    url: target.baseUrl,
    api: 'chat',
    model: target.model,
    temperature,
    ignoreEos,
    // Some servers close a kept connection just as the next request leaves on it; alike for both sides.
    connectionReuse: 'never',
    timeouts: { connectMs: 10_000, firstTokenMs: null, totalMs: target.requestTimeoutMs },
  };
}

function planOf(traffic: Traffic): LevelPlan {
  const { asks, arrival, rateRps, maxInFlight, seed } = traffic;
  const intendedUs = arrivalTimes(traffic);
  const load: LoadSpec = {
    kind: arrival === 'burst' ? 'closed' : 'open',
    rateRps,
    concurrencyAsked: null,
    maxConcurrency: maxInFlight,
    arrival: arrival === 'burst' ? null : arrival,
  };
  const askAt = (index: number) => asks[index % asks.length] as Ask;
  return {
    load,
    seed,
    countedRequests: asks.length,
    durationUs: null,
    at: (index): PlannedRequest => ({
      index,
      intendedUs: intendedUs?.[index] ?? (intendedUs === null ? null : Number.MAX_SAFE_INTEGER),
      inputTokens: askAt(index).inputTokens,
      outputTokens: askAt(index).outputTokens,
      prompt: { dataset: 'arena', seed: index, row: null },
    }),
    promptText: ({ index }) =>
      askAt(index)
        .messages.map(({ content }) => content)
        .join('\n\n'),
    messages: ({ index }) => askAt(index).messages,
    hash: traffic.id,
  };
}

/** In the order of the asks; what was never sent failed. */
function answersOf({ asks }: Traffic, records: readonly RequestRecord[]): Answer[] {
  const byIndex = new Map(records.map((record) => [record.index, record]));
  const startUs = Math.min(...records.map(({ intendedUs }) => intendedUs));
  return asks.map((ask, index) => {
    const record = byIndex.get(index);
    if (record === undefined) return neverSent(ask);
    const { text, firstText, rows } = textOf(detailsOf(record)?.text);
    const sentUs = record.sentUs ?? record.intendedUs;
    const since = (us: number | undefined) =>
      us === undefined ? null : (us - record.intendedUs) / 1000;
    const atUs = rows.map((row) => record.chunks.atUs[row] ?? record.endUs);
    return {
      ask,
      outcome: record.outcome,
      status: record.status,
      error: record.error,
      finishReason: record.finishReason,
      text,
      firstText,
      claimedInputTokens: record.inputTokensUsage,
      claimedOutputTokens: record.outputTokensUsage,
      ttftMs: since(atUs[0]),
      latencyMs: since(atUs.at(-1)),
      chunkAtMs: atUs.map((us) => (us - sentUs) / 1000),
      endMs: ((atUs.at(-1) ?? record.endUs) - startUs) / 1000,
    };
  });
}

/**
 * What the user reads: content of the first choice, and the chunks that have some of it. Nothing else
 * has a time: chunks that are empty, or of another choice, cost a server no token.
 */
function textOf(output: OutputText | undefined): {
  text: string;
  firstText: string;
  rows: number[];
} {
  const lane = output?.lanes.findIndex(({ choice, kind }) => choice === 0 && kind === 0) ?? -1;
  const text = output?.lanes[lane]?.text ?? '';
  const own = output?.segments.filter((one) => one.lane === lane && one.end > 0) ?? [];
  const [first] = own;
  return {
    text,
    firstText: text.slice(0, own.findLast(({ row }) => row === first?.row)?.end ?? 0),
    rows: [...new Set(own.map(({ row }) => row))],
  };
}

const neverSent = (ask: Ask): Answer => ({
  ...{ ask, outcome: 'cancelled', status: null, error: 'never sent', finishReason: null },
  ...{ text: '', firstText: '', claimedInputTokens: null, claimedOutputTokens: null },
  ...{ ttftMs: null, latencyMs: null, chunkAtMs: [], endMs: 0 },
});
