// What a package with a report, a data set and a metric of its own has to test: the suites, under
// the runner it has. Here node:test.
import { test } from 'node:test';
import { BenchError, type Report, type ScalarMetric } from 'inferencebench';
import {
  type Case,
  type Dataset,
  datasetCases,
  metricCases,
  reportCases,
  selectCases,
} from 'inferencebench/testing';

const oneLine: Report = {
  id: 'one-line',
  title: 'One line for a chat message',
  render({ envelope }) {
    const { ttft_p50_ms: ttft } = envelope.metrics.values;
    return `${JSON.stringify({ run: envelope.runId, ttft: ttft ?? null })}\n`;
  },
};

const roman = ['i', 'v', 'x', 'l', 'c', 'd', 'm'];

const numbers: Dataset = {
  id: 'numbers',
  title: 'numbers in letters, none twice in a row',
  takesPath: false,
  async load() {
    return {
      id: 'numbers',
      hash: '0'.repeat(64),
      rows: null,
      describe: 'numbers in letters',
      promptText({ seed }, inputTokens) {
        if (inputTokens < 1) throw new BenchError('WORKLOAD_LENGTH', 'A prompt needs a token.');
        const word = (n: number) => [...String(n)].map((digit) => roman[Number(digit) % 7] + digit);
        return Array.from({ length: inputTokens }, (_, i) => word(seed + i).join('')).join(' ');
      },
    };
  },
};

const longest: ScalarMetric = {
  kind: 'scalar',
  id: 'longest_output_tokens_max',
  title: 'Longest output',
  unit: 'tokens',
  better: null,
  description: 'Output tokens of the longest answer, by the server’s own usage.',
  source: 'An example.',
  compute: ({ ok }) =>
    ok.length === 0 ? null : Math.max(...ok.map((record) => record.outputTokensUsage ?? 0)),
};

function suite<Subject>(name: string, cases: readonly Case<Subject>[], subject: Subject): void {
  for (const { name: what, run, skipReason } of selectCases(cases)) {
    void test(`${name}: ${what}`, { skip: skipReason ?? false }, () => run(subject));
  }
}

suite('report', reportCases, { report: oneLine, medium: 'json' });
suite('data set', datasetCases, { dataset: numbers, path: null });
suite('metric', metricCases, longest);
