import { expect, it } from 'vitest';
import type { CapacityPlan } from '../../model/index.ts';
import { renderPlan, renderPlanMarkdown } from './render-plan.ts';

const plan: CapacityPlan = {
  schema: 'inferencebench.plan.v1',
  runId: 'RUN',
  targetRps: 100,
  headroomShare: 0.2,
  criterion: 'llm.standard',
  maxRate: {
    point: { rateRps: 21.8, plannedRps: 22, level: 1, reason: 'held for 300 s, 22 req/s planned' },
    lower: { rateRps: null, plannedRps: null, level: null, reason: 'no level proves the SLO' },
  },
  gpusPerInstance: 8,
  tokensPerRequest: { input: 500, output: 200 },
  price: { kind: 'instance', item: 'node', usdPerHour: 16, source: 'contract', date: '2026-11-01' },
  rows: [
    {
      ...{ basis: 'point', headroomShare: 0.2, instances: 6, gpus: 48, rateEachRps: 100 / 6 },
      ...{ usdPerHour: 96, usdPerMillionTokens: 0.38095 },
    },
    {
      ...{ basis: 'lower', headroomShare: 0.2, instances: null, gpus: null, rateEachRps: null },
      ...{ usdPerHour: null, usdPerMillionTokens: null },
    },
  ],
  findings: [{ code: 'plan-not-proven', severity: 'warning', message: 'a | b <c>\u001b[31m' }],
};

it('shows the plan, and what is missing as missing', () => {
  const text = renderPlan(plan, { columns: 100, color: false });
  expect(text).toContain('One instance: 21.8 req/s (held for 300 s, 22 req/s planned)');
  expect(text).toContain('At least:     unknown (no level proves the SLO)');
  expect(text).toMatch(/^point +20 % +6 +48 +16\.7 +96\.00 +0\.381$/m);
  expect(text).toMatch(/^lower bound +20 % +— +— +— +— +—$/m);
  expect(text).toContain('warning plan-not-proven: a | b <c>[31m');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: none may get through.
  expect(text).not.toMatch(/\u001b|undefined|NaN/);
  const painted = renderPlan(plan, { columns: 100, color: true });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are these.
  expect(painted.replaceAll(/\u001b\[\d+m/g, '')).toBe(text);
});

it('is a table in Markdown, and text from outside stays text', () => {
  const text = renderPlanMarkdown(plan);
  expect(text).toContain(
    '| By | Headroom | Instances | GPUs | req/s each | USD/h | USD/M tokens |',
  );
  expect(text).toContain('| point | 20 % | 6 | 48 | 16.7 | 96.00 | 0.381 |');
  expect(text).toContain('a \\| b &lt;c>');
});
