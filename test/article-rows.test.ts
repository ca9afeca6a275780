import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** What the methodology article or its code gets wrong, how it is right, and what holds us to that. */
interface Row {
  row: number;
  right: string;
  /** File from the root, and words of the test's title. */
  tests: readonly (readonly [file: string, title: string])[];
}

const arrivals = 'src/workload/arrivals/arrivals.test.ts';
const driver = 'src/driver/run-level.test.ts';
const metrics = 'src/metrics/summarize-level.test.ts';
const gates = 'test/known-truth/gates.test.ts';
const search = 'test/known-truth/search.test.ts';
const comparing = 'test/known-truth/compare.test.ts';
const judging = 'src/metrics/comparison/judge-metrics.test.ts';
const planning = 'src/protocols/plan/plan-capacity.test.ts';
const checklist = 'src/protocols/checklist/checklist.test.ts';
const knees = 'src/protocols/find-knees.test.ts';
const known = 'test/e2e/known-answers.test.ts';
const failing = 'test/e2e/failing-servers.test.ts';

const rows: readonly Row[] = [
  {
    row: 1,
    right: 'Poisson arrivals have seeded exponential gaps; constant and bursty ones are there too',
    tests: [
      [arrivals, 'gaps are exponential: the KS test refuses 1 % of the seeds at 1 %, not more'],
      [arrivals, 'has equal gaps after half a gap'],
      [arrivals, 'the same seed draws the same gaps; none is negative'],
    ],
  },
  {
    row: 2,
    right: 'latency counts from the planned arrival; a client that is the bottleneck says so',
    tests: [
      [metrics, 'late send: response latency from the intended send'],
      [
        'test/known-truth/queueing.test.ts',
        'is in the response latency p99, and not in the service',
      ],
      ['src/protocols/client-verdict.test.ts', 'judgeClient names every cause'],
    ],
  },
  {
    row: 3,
    right: 'no hidden cap on connections; what was in flight is measured; our timeout is a failure',
    tests: [
      [driver, 'sends at the intended times whatever the server does'],
      ['src/metrics/concurrency.test.ts', 'is the time average of the requests in flight'],
      ['src/testing/sender-failure-cases.ts', 'no end in time'],
    ],
  },
  {
    row: 4,
    right: 'events are parsed as events; only deltas with a token count',
    tests: [
      ['src/client/sse-parser.test.ts', 'gives the same events as the standard on whole text'],
      ['src/client/golden-pitfalls.test.ts', 'empty role chunk taken for the first token'],
    ],
  },
  {
    row: 5,
    right: 'a chunk may hold several tokens: usage counts them',
    tests: [
      [known, 'a chunk of four tokens is four tokens'],
      [metrics, 'chunks of 4 tokens: ITL 10 ms everywhere, ICL 40 ms, TPOT 10 ms'],
    ],
  },
  {
    row: 6,
    right: 'the first token counts, and so does the gap from the first to the second',
    tests: [[metrics, 'chunks of 4 tokens: ITL 10 ms everywhere, ICL 40 ms, TPOT 10 ms']],
  },
  {
    row: 7,
    right: 'rates are over one interval that events belong to by their time',
    tests: [[metrics, 'confirms the rates: what was sent is what arrives']],
  },
  {
    row: 8,
    right: 'percentiles interpolate (type 7), with intervals and a least number of requests',
    tests: [
      ['src/stats/quantile.test.ts', 'agree with numpy'],
      ['test/known-truth/coverage-lognormal.test.ts', 'log-normal'],
      [metrics, 'percentiles begin at 1 / (1 - p) requests'],
    ],
  },
  {
    row: 9,
    right: 'a level has a least duration and a least number of requests, else it says "low n"',
    tests: [
      [metrics, 'flagged below 10 / (1 - p)'],
      [
        search,
        'without a length a level goes on until its SLO is proven: 299 requests without a miss',
      ],
    ],
  },
  {
    row: 10,
    right: 'failures have types, are misses of the SLO, and end no run',
    tests: [
      [failing, "'500 half the time'"],
      ['src/protocols/judge-slos.test.ts', 'counts failures as misses of every limit'],
    ],
  },
  {
    row: 11,
    right: 'warm-up runs at the highest load expected, with different prompts, until it is warm',
    tests: [
      [gates, 'a server that warms up over 40 s is not measured before'],
      ['src/workload/plan.test.ts', 'prompts differ between requests, levels and seeds'],
    ],
  },
  {
    row: 12,
    right: 'log-normal lengths have the mean and deviation asked for, truncated by drawing again',
    tests: [['src/workload/lengths.test.ts', 'lengths of the article (row 12']],
  },
  {
    row: 13,
    right: 'the knee is the last level before the first failure, by every SLO, and keeps up',
    tests: [
      [knees, 'is the last level before the first that fails, in order of rate'],
      [knees, 'keeps SLOs apart, and has one for all of them'],
      ['test/known-truth/knee.test.ts', 'within 5 % of the truth in at least 95 of 100 searches'],
    ],
  },
  {
    row: 14,
    right: 'a plan rests on a rate that was measured, not on one between two levels',
    tests: [[planning, 'plans with the rate that was measured, not with one between two']],
  },
  {
    row: 15,
    right: '"no level meets the SLO" is an answer',
    tests: [
      ['test/e2e/method-run.test.ts', 'no level meets the SLO: exit 5, a result all the same'],
      [knees, 'has none where the lowest fails'],
    ],
  },
  {
    row: 16,
    right: 'levels ascend, drained, with idle time between them',
    tests: [[search, 'levels ascend, with idle time between them']],
  },
  {
    row: 17,
    right: 'both sides of a comparison get one hashed request list',
    tests: [[comparing, 'both sides get the same requests, in alternating order']],
  },
  {
    row: 18,
    right: 'the test is paired, and says where ranks cannot reach 5 %',
    tests: [
      ['src/stats/t-effect.test.ts', 'paired: ttest_1samp and its intervals'],
      ['src/stats/t-effect.test.ts', 'five pairs cannot reach 5 %, six can'],
      [judging, 'says where Wilcoxon cannot speak'],
    ],
  },
  {
    row: 19,
    right: 'several metrics are corrected for (Holm), and noise is no winner',
    tests: [
      [judging, 'corrects for the number of metrics'],
      [comparing, 'A/A: not more than one in twenty'],
    ],
  },
  {
    row: 20,
    right: 'both sides rest and warm up; a server that both share gets prompts that differ',
    tests: [['test/e2e/compare.test.ts', 'one server against itself gets prompts of its own']],
  },
  {
    row: 21,
    right: 'instances are rounded up, GPUs are whole instances',
    tests: [
      [planning, '5 instances and 40 GPUs, with headroom 6 and 48'],
      [planning, 'is not fooled by the last digit of a product'],
    ],
  },
  {
    row: 22,
    right: 'each level is one record, with missing values in their places',
    tests: [
      [metrics, 'an empty level has every key and no number that it cannot have'],
      ['src/report/reports.test.ts', 'missing metrics as null'],
    ],
  },
  {
    row: 23,
    right: 'decode rate leaves the first token out; input and output tokens are never mixed',
    tests: [[metrics, 'chunks of 4 tokens: ITL 10 ms everywhere, ICL 40 ms, TPOT 10 ms']],
  },
  {
    row: 24,
    right: 'a closed loop is not called harmless: the queue it hides is shown',
    tests: [
      [known, 'a freeze of 2 s is in the response latency, and one caller alone does not see it'],
      [checklist, 'open loop'],
    ],
  },
  {
    row: 25,
    right: 'tables and plots come from one record',
    tests: [['test/e2e/result-folder.test.ts', 'does not rest on the numbers in its envelope']],
  },
  {
    row: 26,
    right: 'every result names its driver: open or closed loop, and the arrivals',
    tests: [[checklist, 'takes one rate, or a closed loop, for no sweep']],
  },
];

describe('every error of the methodology article has its tests', () => {
  it('all rows are there, once', () => {
    expect(rows.map(({ row }) => row)).toEqual(Array.from({ length: 26 }, (_, i) => i + 1));
  });

  it.each(rows)('$row: $right', ({ tests }) => {
    expect(tests.length).toBeGreaterThan(0);
    for (const [file, title] of tests) {
      const path = new URL(`../${file}`, import.meta.url);
      expect([file, existsSync(path)]).toEqual([file, true]);
      expect(readFileSync(path, 'utf8')).toContain(title);
    }
  });
});
