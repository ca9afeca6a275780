import { describe, expect, it } from 'vitest';
import { fakeWorld } from '../judge/fake-world.fixture.ts';
import { judgeSubmission } from '../judge/judge-submission.ts';
import type { Answer } from '../judge/ports.ts';
import type { Evidence } from './check.ts';
import { createChecks } from './registry.ts';

const size = fakeWorld().order.stored.scenario.classes.small;

/** What there is when a server did nothing. */
const nothing: Evidence = {
  size,
  oracle: { countTokens: async () => [], countPrompt: async () => 0, score: async () => [] },
  ...{
    timed: [],
    pairs: [],
    canaries: [],
    gate: [],
    all: [],
    traces: [],
    files: [],
    model: null,
  },
  referenceAlike: null,
  weights: { unknown: 'not measured' },
  calls: { untraced: 'nothing was started', byServer: false },
  countOutput: async (answers) => answers.map(() => 0),
};

describe.each(
  createChecks({ match() {}, questions() {} }).map((check) => [check.id, check] as const),
)('the check %s', (id, check) => {
  it('has a name of its own, in words', () => {
    expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
    const same = createChecks({ match() {}, questions() {} }).filter((one) => one.id === id);
    expect(same).toHaveLength(1);
  });

  it('passes nothing of which nothing is known, and says why', async () => {
    const { verdict, evidence } = await check.open().verdict(nothing);
    if (check.required(size)) expect(verdict).toBe('not_run');
    expect(verdict).not.toBe('fail');
    expect(evidence).not.toBe('');
  });

  it('says what it saw of an honest server, in one line with figures or names', async () => {
    const world = fakeWorld();
    const { state } = await judgeSubmission(world.order, world.ports);
    const found = state?.checks.find((one) => one.id === id);
    expect(found).toMatchObject({ verdict: 'pass', kind: check.kind });
    expect(found?.evidence).toMatch(/^[^\n]{10,400}$/);
  });

  it('does not fail a server whose times are unsteady', async () => {
    // Each time up to three times as long, by a seed: what a busy machine does.
    let at = 0;
    const unsteady = (answer: Answer): Answer => {
      const slower = 1 + ((at++ * 7919) % 100) / 50;
      return {
        ...answer,
        ttftMs: (answer.ttftMs ?? 0) * slower,
        latencyMs: (answer.latencyMs ?? 0) * slower,
        chunkAtMs: answer.chunkAtMs.map((ms) => ms * slower),
      };
    };
    const world = fakeWorld({ server: { change: unsteady } });
    const { state } = await judgeSubmission(world.order, world.ports);
    expect(state?.checks.find((one) => one.id === id)?.verdict).not.toBe('fail');
  });
});
