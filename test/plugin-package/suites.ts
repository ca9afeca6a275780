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
  file: 'none',
  lengthsFrom: 'options',
  async load({ overhead }) {
    // What the server adds is part of the length asked for.
    const added = overhead?.promptTokens ?? 0;
    return {
      id: 'numbers',
      hash: String(added).padStart(64, '0'),
      rows: null,
      describe: 'numbers in letters',
      source: { source: 'generated', revision: null, sha256: null, rule: 'by seed' },
      promptText({ seed }, inputTokens) {
        if (inputTokens - added < 1)
          throw new BenchError('WORKLOAD_LENGTH', 'A prompt needs a token.');
        const word = (n: number) => [...String(n)].map((digit) => roman[Number(digit) % 7] + digit);
        return Array.from({ length: inputTokens - added }, (_, i) => word(seed + i).join('')).join(
          ' ',
        );
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
  formula: 'max of output tokens by usage',
  source: 'An example.',
  compute: ({ records, ok }) =>
    ok.length === 0 ? null : Math.max(...ok.map((at) => records[at]?.outputTokensUsage ?? 0)),
};

function suite<Subject>(name: string, cases: readonly Case<Subject>[], subject: Subject): void {
  for (const { name: what, run, skipReason } of selectCases(cases)) {
    void test(`${name}: ${what}`, { skip: skipReason ?? false }, () => run(subject));
  }
}

suite('report', reportCases, { report: oneLine, medium: 'json' });
suite('data set', datasetCases, { dataset: numbers, path: null });
suite('metric', metricCases, longest);
