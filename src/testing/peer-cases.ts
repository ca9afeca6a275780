import assert from 'node:assert/strict';
import { metricDefinitions, metricKeys, type PeerTool } from '../metrics/index.ts';
import { sloTemplates } from '../model/index.ts';
import type { Case } from './case.ts';
import { deepFreeze } from './deep-freeze.ts';
import { createSampleLevel, edgeLevels } from './sample-levels.ts';

/** What the rules of every other tool have to keep. */
export const peerCases: readonly Case<PeerTool>[] = [
  {
    name: 'says whose rules they are, what differs and where that can be read',
    run({ id, title, basis, limits, differences }) {
      assert.match(id, /^[a-z][a-z0-9-]*$/);
      for (const text of [title, basis, ...limits]) assert.match(text, /\S/);
      const known = new Set(metricDefinitions.map((definition) => definition.id));
      for (const { metric, theirs, difference, source } of differences) {
        assert.ok(known.has(metric), `${metric} is a metric here`);
        assert.match(theirs, /^[a-z0-9_]+$/);
        assert.match(difference, /^.{10,}\.$/s, 'the difference is a sentence');
        assert.match(source, /^[\w.-]+\/[\w.-]+, \S+$/, 'the source is a file of a repository');
      }
    },
  },
  {
    name: 'names every difference of a figure that it prints',
    run(tool) {
      const keys = tool.summarize(createSampleLevel(), null).map(({ key }) => key);
      for (const { theirs } of tool.differences) {
        assert.ok(
          keys.some((key) => key.includes(theirs)),
          `${theirs} is printed`,
        );
      }
    },
  },
  {
    name: 'points at keys that exist here',
    run(tool) {
      const known = new Set(metricKeys());
      for (const { ours } of tool.summarize(createSampleLevel(), null)) {
        assert.ok(ours === null || known.has(ours), `${ours} is a key here`);
      }
    },
  },
  ...edgeLevels.map(
    ({ name, run }): Case<PeerTool> => ({
      name: `gives numbers or nothing, under the same keys: ${name}`,
      run(tool) {
        const usual = tool.summarize(createSampleLevel(), null).map(({ key }) => key);
        assert.equal(new Set(usual).size, usual.length, 'each key once');
        for (const slo of [null, ...sloTemplates]) {
          const metrics = tool.summarize(deepFreeze(structuredClone(run)), slo);
          assert.deepEqual(
            metrics.map(({ key }) => key),
            usual,
          );
          for (const { key, value } of metrics) {
            assert.ok(value === null || Number.isFinite(value), `${key} ${value}`);
          }
        }
      },
    }),
  ),
  {
    name: 'gives no latency where nothing answered',
    run(tool) {
      const failed = createSampleLevel({ outcome: () => 'http_error' });
      for (const { key, unit, value } of tool.summarize(failed, null)) {
        if (unit === 'ms') assert.equal(value, null, key);
      }
    },
  },
];
