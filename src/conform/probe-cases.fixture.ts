import assert from 'node:assert/strict';
import { conformanceVerdicts } from '../model/index.ts';
import type { Case } from '../testing/index.ts';
import type { Probe } from './probe.ts';
import type { ProbedRows } from './run-probes.ts';

/** A family of rows, and ways to ask servers with it. */
export interface ProbeSubject {
  probe: Probe;
  /** Asks a server without quirks. */
  askConforming(): Promise<ProbedRows>;
  /** Asks a server that takes every request and answers none, with limits of a moment. */
  askSilent(): Promise<ProbedRows>;
  /** Asks a server without quirks after Ctrl-C. */
  askInterrupted(): Promise<ProbedRows>;
}

/** What every family of rows has to keep. */
export const probeCases: readonly Case<ProbeSubject>[] = [
  {
    name: 'names its rows after its family, each once',
    run({ probe }) {
      assert.match(probe.id, /^[a-z]+$/);
      assert.ok(probe.rows.length > 0);
      const ids = probe.rows.map(({ id }) => id);
      assert.equal(new Set(ids).size, ids.length);
      for (const id of ids) assert.match(id, new RegExp(`^${probe.id}\\.[a-z-]+$`));
    },
  },
  {
    name: 'says of each row what is asked and what its verdicts mean',
    run({ probe }) {
      for (const { id, title, asked, means } of probe.rows) {
        assert.match(title, /\S/, id);
        assert.match(asked, /\S/, id);
        assert.ok(Object.keys(means).length > 1, `${id}: it can turn out in more than one way`);
        for (const text of Object.values(means)) assert.match(text, /^[A-Z].*\.$/s, id);
      }
    },
  },
  {
    name: 'decides every row of a server without quirks, with evidence',
    async run({ probe, askConforming }) {
      const { rows, complete } = await askConforming();
      assert.equal(complete, true);
      assert.deepEqual(
        rows.map(({ id }) => id),
        probe.rows.map(({ id }) => id),
      );
      for (const { id, verdict, evidence, meaning } of rows) {
        assert.ok(conformanceVerdicts.includes(verdict), id);
        assert.ok(verdict !== 'unknown' && verdict !== 'error', `${id}: ${verdict} (${evidence})`);
        assert.match(evidence, /\S/, id);
        assert.match(meaning, /\S/, id);
      }
    },
  },
  {
    name: 'keeps prompts and generated texts out of its evidence',
    async run({ askConforming }) {
      const { rows } = await askConforming();
      for (const { id, evidence } of rows) {
        assert.doesNotMatch(evidence, /\b(river|fox|stone|lamp|garden|capital|story)\b/i, id);
      }
    },
  },
  {
    name: 'ends on a server that never answers, and finds nothing good in it',
    async run({ probe, askSilent }) {
      const { rows } = await askSilent();
      assert.equal(rows.length, probe.rows.length);
      for (const { id, verdict, evidence } of rows) {
        assert.notEqual(verdict, 'yes', id);
        assert.doesNotMatch(evidence, /the probe failed/, id);
      }
    },
  },
  {
    name: 'leaves every row unknown when it is interrupted before it began',
    async run({ askInterrupted }) {
      const { rows, complete } = await askInterrupted();
      assert.equal(complete, false);
      for (const { id, verdict, evidence } of rows) {
        assert.equal(verdict, 'unknown', id);
        assert.equal(evidence, 'interrupted', id);
      }
    },
  },
];
