import type { Envelope, LevelPlan, RequestRecord } from '../../src/model/index.ts';
import { createGoldenResults } from '../../src/testing/index.ts';

export interface Shape {
  requests: number;
  tokens: number;
  /** Tokens that one network read brings. */
  perRead: number;
}

/** Requests that made-up servers answer in a level of this rate. */
const gapUs = 500;
const tokenUs = 10_000;

/** Numbers in [0, 1), the same each time (Park and Miller's generator). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** Makes request after request, each with columns of its own, as a sender does. */
export function createRequests({ tokens, perRead }: Shape): (index: number) => RequestRecord {
  const random = createRandom(7);
  const ones = new Uint8Array(tokens).fill(1);
  const content = new Uint8Array(tokens);
  return (index) => {
    const intendedUs = index * gapUs + Math.floor(random() * gapUs);
    const sentUs = intendedUs + Math.floor(random() * 200);
    const atUs = new Float64Array(tokens);
    const read = new Uint32Array(tokens);
    let stampUs = sentUs + 40_000 + Math.floor(-Math.log(1 - random()) * 20_000);
    const headersUs = stampUs - Math.floor(random() * 20_000);
    for (let i = 0; i < tokens; i++) {
      const number = Math.floor(i / perRead);
      if (i > 0 && number !== read[i - 1]) {
        stampUs += Math.floor(perRead * tokenUs * (0.9 + 0.2 * random()));
      }
      atUs[i] = stampUs;
      read[i] = number;
    }
    return {
      level: 0,
      index,
      requestId: `01K00000000000000000000000-0-${index}`,
      counted: true,
      intendedUs,
      sentUs,
      connectUs: 0,
      dnsUs: 0,
      tlsUs: 0,
      writtenUs: sentUs + 15,
      targetIndex: 0,
      headersUs,
      firstByteUs: headersUs,
      firstChunkUs: headersUs,
      firstTokenUs: atUs[0] ?? null,
      lastTokenUs: stampUs,
      endUs: stampUs + Math.floor(random() * 300),
      outcome: 'ok',
      status: 200,
      error: null,
      finishReason: 'length',
      done: true,
      inputTokensAsked: 128,
      outputTokensAsked: tokens,
      inputTokensUsage: 128 + Math.floor(random() * 12),
      outputTokensUsage: tokens,
      cachedTokensUsage: null,
      outputTokensCounted: null,
      tokenSource: 'one-per-chunk',
      chunks: { atUs, tokens: ones, read, kind: content },
    };
  };
}

export function planOf({ requests }: Shape): LevelPlan {
  return {
    load: {
      kind: 'open',
      rateRps: 1e6 / gapUs,
      concurrencyAsked: null,
      maxConcurrency: null,
      arrival: 'constant',
    },
    seed: 7,
    countedRequests: requests,
    durationUs: null,
    at: (index) => ({
      index,
      intendedUs: index * gapUs,
      inputTokens: 128,
      outputTokens: 200,
      prompt: { dataset: 'random', seed: index, row: null },
    }),
    promptText: () => '',
    hash: 'made up',
  };
}

/** One level that spans all requests; its numbers are for whoever reads the folder to compute. */
export function envelopeOf(shape: Shape, endUs: number): Envelope {
  const golden = createGoldenResults()[0]?.envelope;
  if (golden === undefined) throw new Error('no golden result to take the envelope from');
  const plan = planOf(shape);
  const metrics = { values: {}, intervals: {}, flags: {}, chunkSizes: {}, outcomes: {} };
  return {
    ...golden,
    runId: 'made-up',
    headline: 0,
    metrics,
    files: {},
    levels: [
      {
        index: 0,
        load: { ...plan.load, concurrencyReached: null },
        status: 'complete',
        valid: true,
        sloMet: null,
        startUs: 0,
        windowStartUs: 0,
        windowEndUs: shape.requests * gapUs,
        endUs,
        planHash: plan.hash,
        requestsPlanned: shape.requests,
        metrics,
        client: null,
        findings: [],
      },
    ],
  };
}
