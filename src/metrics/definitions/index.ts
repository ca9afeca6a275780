import type { MetricDefinition } from '../definition.ts';
import { coalescedShare, connect, dispatchLag } from './client-side.ts';
import { e2e, e2eService } from './e2e.ts';
import { attainment, goodput, tokenGoodput } from './goodput.ts';
import { concurrency, offeredRate } from './load.ts';
import { ntpot, tpot } from './per-token.ts';
import { decodeRate, prefillRate } from './phase-rates.ts';
import { errorShare, requestCounts } from './requests.ts';
import { inputThroughput, requestRate, throughput, totalThroughput } from './throughput.ts';
import { icl, itl } from './token-gaps.ts';
import { cachedShare, inputTokens, outputTokens, tokensPerChunk } from './tokens.ts';
import { ttft, ttftService } from './ttft.ts';

/** Every metric of a level, in the order of display. A new one is a file here and a line below. */
export const metricDefinitions: readonly MetricDefinition[] = [
  ...requestCounts,
  errorShare,
  offeredRate,
  requestRate,
  concurrency,
  throughput,
  inputThroughput,
  totalThroughput,
  attainment,
  goodput,
  tokenGoodput,
  ttft,
  itl,
  tpot,
  e2e,
  ttftService,
  e2eService,
  icl,
  ntpot,
  prefillRate,
  decodeRate,
  outputTokens,
  inputTokens,
  cachedShare,
  tokensPerChunk,
  coalescedShare,
  dispatchLag,
  connect,
];
