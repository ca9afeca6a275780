import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { goldenStreams } from './golden-streams.fixture.ts';

interface Pitfall {
  /** Numbered as they stand in the survey of load generators. */
  row: number;
  name: string;
  /** Tests beside the golden streams: file from the root, and words of its title. */
  tests: readonly (readonly [file: string, title: string])[];
  /** Why nothing can go wrong here: the tool does no such thing. */
  absent?: string;
}

const cases = 'src/testing/sender-cases.ts';
const phases = 'src/testing/sender-phase-cases.ts';
const failures = 'src/testing/sender-failure-cases.ts';
const shapes = 'src/testing/sender-shape-cases.ts';
const sse = 'src/client/sse-parser.test.ts';
const tokens = 'src/client/resolve-tokens.test.ts';
const bytes = 'src/client/raw/any-bytes.test.ts';
const runner = 'src/loadgen/load-runner.test.ts';
const driver = 'src/driver/run-level.test.ts';
const metrics = 'src/metrics/summarize-level.test.ts';
const judge = 'src/protocols/judge-level.test.ts';
const verdict = 'src/protocols/client-verdict.test.ts';
const plan = 'src/workload/plan.test.ts';
const arrivals = 'src/workload/arrivals/arrivals.test.ts';
const known = 'test/e2e/known-answers.test.ts';

const pitfalls: readonly Pitfall[] = [
  {
    row: 1,
    name: 'several events in one read',
    tests: [
      [cases, 'everything of one network read is stamped alike'],
      [metrics, 'two chunks in one read: the gap of 0 stays and is reported as coalesced'],
    ],
  },
  {
    row: 2,
    name: 'event split over reads, CR LF, data without a blank, several lines, comments',
    tests: [
      [sse, 'gives the same events as the standard on whole text, cut anywhere'],
      [bytes, 'any bytes, cut anywhere, give the same record over both transports'],
      [shapes, 'shape: one event over many reads counts where it is whole'],
    ],
  },
  { row: 3, name: 'empty role chunk taken for the first token', tests: [] },
  { row: 4, name: 'a stream of tool calls alone', tests: [[shapes, 'a tool call alone']] },
  { row: 5, name: 'reasoning deltas', tests: [[shapes, 'reasoning first']] },
  {
    row: 6,
    name: 'the usage chunk delays the end, or is missed beside a token',
    tests: [[shapes, 'usage with the last token neither hides nor delays it']],
  },
  {
    row: 7,
    name: 'a chunk counted as a token',
    tests: [
      [metrics, 'chunks of 4 tokens: ITL 10 ms everywhere, ICL 40 ms, TPOT 10 ms'],
      [known, 'chunks of four tokens, counted by %s'],
    ],
  },
  {
    row: 8,
    name: 'tokenising chunk by chunk',
    tests: [
      [tokens, 'come from growing prefixes where nothing else tells'],
      [tokens, 'add up to the tokens of the whole text, short or long, however it is cut'],
    ],
  },
  {
    row: 9,
    name: 'prompt length drifts, tokenizer of another version',
    tests: [[tokens, 'gives the share that is off, in both directions']],
  },
  {
    row: 10,
    name: 'connect, DNS and TLS inside TTFT',
    tests: [
      [cases, 'the time of connecting is kept apart, and connections are reused'],
      [phases, 'phases: DNS is told apart where there is a name to resolve'],
      ['src/client/undici-sender.test.ts', 'takes its time apart from that of the name'],
      [judge, 'connect-inside-request warning'],
    ],
  },
  {
    row: 11,
    name: 'a pool that caps concurrency',
    tests: [[cases, 'no hidden cap: every request in flight is on its own connection']],
  },
  {
    row: 12,
    name: 'schedule slip, coordinated omission',
    tests: [
      [driver, 'sends at the intended times whatever the server does'],
      [metrics, 'late send: response latency from the intended send, service latency'],
      [known, 'a freeze of 2 s is in the response latency'],
    ],
  },
  {
    row: 13,
    name: 'wall clock for durations',
    tests: [
      ['test/lint.test.ts', 'export const wall = Date.now();'],
      ['test/lint.test.ts', 'no source asks the wall clock through new Date()'],
    ],
  },
  {
    row: 14,
    name: 'GC pauses, event-loop lag',
    tests: [
      [runner, 'keeps its stamps while the main thread is busy and full of garbage'],
      [verdict, 'judgeClient names every cause'],
    ],
  },
  {
    row: 15,
    name: 'parsing on the receiving loop delays stamps',
    tests: [
      [runner, 'keeps its stamps while the main thread is busy and full of garbage'],
      ['src/client/recorded-streams.test.ts', 'most token chunks of these engines are not parsed'],
    ],
  },
  {
    row: 16,
    name: '64 KB buffers and large prompts',
    tests: [
      [cases, 'a prompt larger than any socket buffer arrives whole'],
      [phases, 'phases: written is when the kernel has taken the last byte'],
    ],
  },
  {
    row: 17,
    name: 'error inside of a 200, truncated stream, missing [DONE]',
    tests: [[failures, 'an error in the stream']],
  },
  {
    row: 18,
    name: 'silent retries',
    tests: [
      [failures, 'never sends a second time'],
      [failures, 'never sends a second time on a connection that closes when reused'],
    ],
  },
  {
    row: 19,
    name: 'failed requests vanish from percentiles',
    tests: [[metrics, 'stay out of the percentiles, and are infinite in the adjusted ones']],
  },
  {
    row: 20,
    name: 'edges of the window',
    tests: [
      [driver, 'counts by intended time when a duration is asked for'],
      [metrics, 'confirms the rates: what was sent is what arrives, but for the first latency'],
    ],
  },
  {
    row: 21,
    name: 'the first burst of a closed loop',
    tests: [['src/metrics/concurrency.test.ts', 'averages a burst until its end']],
  },
  {
    row: 22,
    name: 'survivor bias of runs limited by time',
    tests: [
      [driver, 'ends a duration with every request sent inside it counted'],
      [driver, 'keeps what it has when interrupted, marked partial'],
    ],
  },
  {
    row: 23,
    name: 'think time from start to start',
    tests: [],
    absent: 'no workload has think times; requests are sent by a schedule or when a caller is free',
  },
  {
    row: 24,
    name: 'Poisson that is not',
    tests: [
      [arrivals, 'gaps are exponential: the KS test refuses 1 % of the seeds at 1 %, not more'],
    ],
  },
  {
    row: 25,
    name: 'prefix cache across runs',
    tests: [
      [plan, 'prompts differ between requests, levels and seeds; neighbours in their first word'],
      [judge, 'prefix-cache-hits warning'],
    ],
  },
  { row: 26, name: 'output length not honoured', tests: [[judge, 'short-outputs warning']] },
  {
    row: 27,
    name: 'power over the wrong window',
    tests: [
      ['src/metrics/power.test.ts', 'interpolates at the edges of the level'],
      ['src/metrics/power.test.ts', 'takes the difference of an energy counter'],
    ],
  },
  {
    row: 28,
    name: 'a harness that drives less than it says',
    tests: [[verdict, "'sends missing'"]],
  },
  {
    row: 29,
    name: 'requests that the server aborted are missing from its statistics',
    tests: [[phases, 'an id of its own and filled-in headers go out with each request']],
  },
];

describe('every pitfall of load generators has its tests', () => {
  it('all rows are there, once', () => {
    expect(pitfalls.map(({ row }) => row)).toEqual(Array.from({ length: 29 }, (_, i) => i + 1));
    const names = goldenStreams.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(pitfalls)('$row: $name', ({ row, tests, absent }) => {
    const golden = goldenStreams.filter(({ rows }) => rows.includes(row));
    if (absent === undefined) expect(golden.length + tests.length).toBeGreaterThan(0);
    else expect(golden.length + tests.length).toBe(0);
    for (const [file, title] of tests) {
      const path = new URL(`../../${file}`, import.meta.url);
      expect([file, existsSync(path)]).toEqual([file, true]);
      expect(readFileSync(path, 'utf8')).toContain(title);
    }
  });
});
