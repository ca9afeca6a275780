import type { Finding } from './finding.ts';

/** `comparison.json`: two sides under the same requests, block by block. Unknown is null. */
export interface Comparison {
  schema: 'inferencebench.comparison.v1';
  comparisonId: string;
  startedAt: string;
  endedAt: string;
  /** partial: interrupted, its whole blocks are kept; failed: no block came to a value. */
  status: 'complete' | 'partial' | 'failed';
  exitCode: number;
  tool: { name: 'inferencebench'; version: string };
  command: { argv: string[]; resolved: Record<string, unknown> };
  seed: number;
  /** paired: blocks of both sides in alternating order; stored: results measured before. */
  design: 'paired' | 'stored';
  /**
   * relaunched: each block starts both anew; single-launch: one deployment each, so differences
   * between launches are not in the intervals; stored-results: the result or its launches.
   */
  replication: 'relaunched' | 'single-launch' | 'stored-results';
  sides: [ComparisonSide, ComparisonSide];
  /** The load under which both were compared, in words: `4 in flight`, `2 req/s`. */
  load: string;
  /** SHA-256 over the hashes of the blocks' request lists, which both sides got; null if stored. */
  planHash: string | null;
  blocksAsked: number;
  blocks: ComparisonBlock[];
  /** The metrics named before the run first, in that order (Holm is over these). */
  results: MetricComparison[];
  /** The gate: a metric whose whole interval is worse by more than this share; null = not asked. */
  gate: { maxRegressionShare: number; regressions: string[]; undecided: string[] } | null;
  /** What the methodology article expects of the optimisation that was toggled; null = none was. */
  toggle: ToggleComparison | null;
  /** Fields of the context in which the sides differ. */
  mismatches: { field: string; a: string; b: string; allowed: boolean }[];
  findings: Finding[];
  error: { code: string; message: string; hint: string | null } | null;
}

export interface ComparisonSide {
  /** `A`, `B`. */
  label: string;
  /** What it is, in one line: engine, version, flags, or the result folders. */
  describe: string;
  /** Result folders, relative to the comparison's. */
  results: string[];
}

export interface ComparisonBlock {
  index: number;
  /** Who ran when: `A B`, `B A`; with A/A `again` is the second run of side A. Empty if stored. */
  order: ('A' | 'B' | 'again')[];
  valid: boolean;
  /** Why it is not valid, in words. */
  reason: string | null;
  /** Of the block's request list, the same for both sides; null if stored or not reached. */
  planHash: string | null;
  /** Metric key -> value of each side; `again` only with A/A. Null = not measured. */
  values: Record<string, { a: number | null; b: number | null; again?: number | null }>;
}

/** B against A, on the logarithm of the ratio. */
export interface MetricComparison {
  metric: string;
  title: string;
  unit: string;
  better: 'lower' | 'higher';
  /** Named before the run, so part of the correction for several tests. */
  primary: boolean;
  /** Values that entered, of each side: pairs of blocks, or stored results and their launches. */
  n: { a: number; b: number };
  /** Geometric means of the values that entered. */
  a: number | null;
  b: number | null;
  /** exp(mean log(b / a)): 1.05 = B is 5 % higher. */
  ratio: number | null;
  /** Interval of the ratio at `confidence`: Student's t, or the normal for `within-run`. */
  low: number | null;
  high: number | null;
  confidence: number;
  /** Where the spread comes from. within-run: one run a side, so from its own intervals. */
  basis: 'pairs' | 'two-samples' | 'one-against-several' | 'within-run' | null;
  p: number | null;
  /** Holm over the primary metrics; null for others. */
  pHolm: number | null;
  /** The 90 % interval, and the margin that it was held against (TOST, Schuirmann 1987). */
  equivalence: {
    low: number | null;
    high: number | null;
    marginShare: number;
    within: boolean | null;
  };
  /** Wilcoxon's rank test beside it; signed ranks for pairs, rank sums otherwise. */
  wilcoxon: { p: number | null; note: string | null };
  /**
   * Smallest |ratio - 1| that a comparison of this size finds with 80 % power, from the spread
   * between blocks; at the level that Holm's first step leaves a primary metric.
   */
  detectableShare: number | null;
  /** A against itself in the same blocks: the ratio that means nothing; null = not asked. */
  noiseFloor: { ratio: number; low: number; high: number; blocks: number } | null;
  /**
   * equivalent: no difference found, and the 90 % interval is within the margin. too-few: values,
   * but no spread to judge them by. not-tested: not named before the run.
   */
  verdict:
    | 'a-better'
    | 'b-better'
    | 'equivalent'
    | 'no-detectable-difference'
    | 'too-few'
    | 'not-measured'
    | 'not-tested';
}

/** An optimisation switched on for side B. */
export interface ToggleComparison {
  flag: string;
  /** Row of the article's table, `chunked prefill`; null: the article has none for this flag. */
  optimisation: string | null;
  rows: {
    aspect: 'TTFT' | 'TBT' | 'throughput';
    metric: string;
    /** What the article says; null without a row. */
    expected: 'better' | 'worse' | 'same' | null;
    /** By the verdict: same = equivalent; unknown = not decided. */
    measured: 'better' | 'worse' | 'same' | 'unknown';
    ratio: number | null;
  }[];
}
