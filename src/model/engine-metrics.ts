/**
 * What an engine says about itself at one moment, in one vocabulary for every engine. Null: this
 * engine does not say. Counters grow from the engine's start.
 */
export interface EngineReading {
  /** Requests that are being worked on. */
  running: number | null;
  /** Requests that the engine has accepted and not started, or has put back. */
  waiting: number | null;
  /** Share of the KV cache in use, 0 to 1; the fullest where there are several. */
  kvUse: number | null;
  /** Counter: requests thrown out of the KV cache and computed anew. */
  preemptions: number | null;
  /** Counter: prompt tokens found in the prefix cache. */
  prefixHitTokens: number | null;
  /** Counter: prompt tokens looked up in it. */
  prefixQueryTokens: number | null;
  /** Counter: prompt tokens taken in, cached ones included. */
  promptTokens: number | null;
  /** Counter: tokens generated. */
  generationTokens: number | null;
  /** Counters: tokens that speculative decoding proposed, and those of them that were kept. */
  draftTokens: number | null;
  acceptedTokens: number | null;
  /** Share kept, where the engine tells only that; 0 to 1. */
  acceptedShare: number | null;
  /** Waiting in the engine's queue. */
  queue: TimeTotal | null;
  prefill: TimeTotal | null;
  decode: TimeTotal | null;
  /** First token as the engine sees it: from when it has the request. */
  ttft: TimeTotal | null;
  /** Whole requests as the engine sees them. */
  e2e: TimeTotal | null;
  /** Of each request the time between its tokens, as the engine sees it. */
  tpot?: TimeTotal | null;
}

/** Sum and count of a histogram of times, from the engine's start. */
export interface TimeTotal {
  sumS: number;
  count: number;
  /** By rising bounds, without the unbounded one; absent where the engine tells none. */
  buckets?: readonly TimeBucket[];
}

/** Times up to a bound. */
export interface TimeBucket {
  upToS: number;
  /** Of all times from the first bucket on. */
  count: number;
}

/** One look at an engine's metrics. */
export interface EngineSample {
  /** Microseconds since the run's origin: the middle of the scrape. */
  atUs: number;
  tookMs: number;
  /** Null with a reason. */
  reading: EngineReading | null;
  reason: string | null;
}

/** Mean and greatest of a gauge over the readings of a level. */
export interface GaugeFigures {
  mean: number;
  max: number;
}

/** The same wait seen from both ends: the difference is what network and client add. */
export interface ViewFigures {
  /** Means, milliseconds. */
  engineMs: number;
  clientMs: number;
  /** clientMs - engineMs. */
  outsideMs: number;
  /** Requests that each of them counted. */
  engineRequests: number;
  clientRequests: number;
  /** Both distributions; null where the engine tells no buckets, absent in older results. */
  spread?: ViewSpread | null;
}

export interface ViewSpread {
  /** Those percentiles that the number of requests allows. */
  quantiles: ViewQuantile[];
  /**
   * At the bounds of its buckets the engine's shares are exact, and the client cannot be through with
   * more requests than the engine: the bound where it is by the most, or null.
   */
  ahead: { upToMs: number; engineRequests: number; clientRequests: number } | null;
}

/** A percentile from both ends: the engine's is somewhere in a bucket. */
export interface ViewQuantile {
  /** 0 to 1. */
  p: number;
  clientMs: number;
  engineLowMs: number;
  /** Null: in its last bucket, which has no end. */
  engineHighMs: number | null;
}

/**
 * What the engine said during a level: in its counted window; where that is too short for two
 * readings, up to the level's last end. Counters and times: between the first and the last reading
 * in there.
 */
export interface LevelEngine {
  /** Readings in there. */
  samples: number;
  /** Seconds from the first to the last of them. */
  spanS: number | null;
  running: GaugeFigures | null;
  waiting: GaugeFigures | null;
  kvUse: GaugeFigures | null;
  preemptions: number | null;
  prefixHitShare: number | null;
  acceptedShare: number | null;
  promptTokensPerS: number | null;
  generationTokensPerS: number | null;
  /** Means over the requests that the engine counted in between, milliseconds. */
  queueMs: number | null;
  prefillMs: number | null;
  decodeMs: number | null;
  ttft: ViewFigures | null;
  e2e: ViewFigures | null;
  tpot?: ViewFigures | null;
  /** Why there is nothing; null where there is. */
  reason: string | null;
}

/** Where a run's engine figures come from. */
export interface EngineMetricsInfo {
  /** Pages that were read, redacted; empty where none could be. */
  urls: string[];
  /** Family of the metrics: `vllm`, `sglang`, `llama.cpp`, `tgi`, `tensorrt-llm`. */
  family: string | null;
  /** What the mapping of the names rests on. */
  source: string | null;
  intervalMs: number;
  /** Looks at the page, and those of them that failed. */
  scrapes: number;
  failed: number;
  /** Mean time of a scrape, milliseconds. */
  meanScrapeMs: number | null;
  /** Of the vocabulary: what this engine does not say. */
  unavailable: string[];
  /** File of the result folder with every series as it was read. */
  file: string | null;
  /** Why there are no figures, or not all of them; null where nothing is amiss. */
  reason: string | null;
}
