import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import type { Scenario, ScoringRules } from '../../model/index.ts';
import { findRules, readRulesFile } from '../scoring/read-rules.ts';
import { rulesFixture } from '../trial.fixture.ts';
import { launcherFolder } from './launcher-folder.ts';
import { findScenario, listScenarios } from './read-scenario.ts';

const root = mkdtempSync(join(tmpdir(), 'bench-scenarios-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const all = await listScenarios();

describe('scenarios that come with bench', () => {
  it('are these, in the order of their labels, and in the package', () => {
    expect(all.map(({ scenario }) => `${scenario.label} ${scenario.id}`)).toEqual([
      'A prefill',
      'B decode',
      'C throughput',
      'D all-in-one',
      'S sglang-system',
    ]);
    expect(packageJson.files).toContain('scenarios');
    expect(packageJson.files).toContain('assets');
  });

  it.each(all.map(({ scenario }) => scenario))('$id: small is small and not comparable', (one) => {
    const { full, small } = one.classes;
    expect(full.comparable).toBe(true);
    expect(small.comparable).toBe(false);
    expect(small.budgetS).toBeLessThan(full.budgetS);
    expect(small.profiles.map(({ id }) => id)).toEqual(full.profiles.map(({ id }) => id));
    for (const [i, profile] of small.profiles.entries()) {
      expect(profile.requests).toBeLessThan(full.profiles[i]?.requests ?? 0);
      expect(profile.arrival).toBe(full.profiles[i]?.arrival);
    }
  });

  it.each(all.map(({ scenario }) => scenario))('$id: its rules know it', async (one) => {
    const rules = await findRules(one.scoring);
    const scored = rules.scenarios.find(({ id }) => id === one.id);
    expect(scored?.label).toBe(one.label);
    expect(scored?.profiles).toEqual(one.classes.full.profiles.map(({ id }) => id));
  });

  // The parameters of InferenceBench's own benchmark: input / output tokens, requests, temperature.
  it.each([
    ['prefill', 8192, 1024, 128, 0.2, 1],
    ['decode', 1024, 8192, 64, 0.7, 1],
    ['throughput', 1024, 1024, 256, 0.3, 64],
    ['all-in-one', 4096, 2048, 96, 0.4, 4],
  ])('%s, class full', (id, input, output, requests, temperature, maxInFlight) => {
    const size = all.find(({ scenario }) => scenario.id === id)?.scenario.classes.full;
    expect(size).toMatchObject({ temperature, budgetS: 7200, ignoreEos: true });
    expect(size?.profiles[0]).toMatchObject({
      ...{ requests, maxInFlight },
      inputTokens: { max: input, lowShare: 0.8 },
      outputTokens: { max: output, lowShare: 0.8 },
    });
    expect(size?.seeds.map((pair) => [pair.dev, pair.eval])).toEqual([
      [21, 1337],
      [248, 428],
      [999, 777],
    ]);
  });
});

describe('findScenario', () => {
  const shipped = join(import.meta.dirname, '../../../scenarios/decode/scenario.json');
  const store = (id: string, change: (scenario: Scenario) => unknown): string => {
    const dir = join(root, id);
    mkdirSync(dir, { recursive: true });
    const value = JSON.parse(readFileSync(shipped, 'utf8')) as Scenario;
    writeFileSync(join(dir, 'scenario.json'), JSON.stringify(change(value)));
    return dir;
  };

  it('finds by id or by folder, with the hash of the text', async () => {
    const one = await findScenario('decode', root);
    cpSync(shipped, join(root, 'here/decode/scenario.json'), { recursive: true });
    expect(await findScenario('./here/decode', root)).toEqual({
      ...one,
      dir: join(root, 'here/decode'),
    });
    const changed = await findScenario(
      store('there/decode', (scenario) => ({ ...scenario, title: 'Other' })),
      root,
    );
    expect(changed.sha256).not.toBe(one.sha256);
  });

  it('names the known ones for an unknown id', async () => {
    await expect(findScenario('decod', root)).rejects.toMatchObject({
      code: 'USAGE_UNKNOWN_SCENARIO',
      message: expect.stringContaining('Did you mean "decode"?'),
      exitCode: 2,
    });
  });

  const full = (change: object) => (scenario: Scenario) => ({
    ...scenario,
    classes: { ...scenario.classes, full: { ...scenario.classes.full, ...change } },
  });
  const rows: [string, (scenario: Scenario) => unknown, RegExp][] = [
    ['another id than the folder', (scenario) => ({ ...scenario, id: 'other' }), /folder/],
    ['unknown rules', (scenario) => ({ ...scenario, scoring: 'speedup.v9' }), /speedup\.v9/],
    [
      'no class small',
      ({ classes, ...rest }) => ({ ...rest, classes: { full: classes.full } }),
      /small/,
    ],
    ['a seed twice', full({ seeds: [{ dev: 1, eval: 1 }] }), /seed occurs twice/],
    [
      'a profile that its rules need',
      full({ profiles: [profile({ id: 'calm' })] }),
      /lacks profile burst/,
    ],
    ['a burst with a rate', full({ profiles: [profile({ rateRps: 3 })] }), /rateRps/],
    ['too long for the model', full({ maxModelTokens: 9000 }), /longer than the model/],
    ['two profiles of one id', full({ profiles: [profile({}), profile({})] }), /share an id/],
  ];
  function profile(change: object) {
    const tokens = { max: 8, lowShare: 1 };
    return {
      ...{ id: 'burst', arrival: 'burst', requests: 1, maxInFlight: 1, rateRps: null },
      ...{ inputTokens: tokens, outputTokens: tokens },
      ...change,
    };
  }
  it.each(rows)('refuses %s', async (name, change, message) => {
    const dir = store(`${name.replaceAll(' ', '-')}/decode`, change);
    expect(basename(dir)).toBe('decode');
    await expect(findScenario(dir, root)).rejects.toMatchObject({
      code: expect.stringMatching(/^USAGE_(SCENARIO_FILE|UNKNOWN_SCORING_RULES)$/),
      message: expect.stringMatching(message),
      exitCode: 2,
    });
  });
});

describe('scoring rules', () => {
  const write = (rules: unknown): string => {
    const file = join(root, 'rules.json');
    writeFileSync(file, JSON.stringify(rules));
    return file;
  };
  const speedup = rulesFixture('speedup.v1');

  it('come by id or from a file', async () => {
    expect(await findRules('speedup.v1')).toEqual(speedup);
    expect(await readRulesFile(write({ ...speedup, id: 'mine' }))).toEqual({
      ...speedup,
      id: 'mine',
    });
    await expect(findRules('speedup.v2')).rejects.toMatchObject({
      code: 'USAGE_UNKNOWN_SCORING_RULES',
    });
  });

  const outcomes = (change: Partial<ScoringRules['outcomes']>) => ({
    ...speedup,
    outcomes: { ...speedup.outcomes, ...change },
  });
  it.each([
    ['infra errors that score', outcomes({ infra_error: 1 }), /never scored/],
    ['failed runs that do not count', outcomes({ quality_fail: null }), /a failed run counts/],
    [
      'correctness where it is not used',
      { ...speedup, correctness: rulesFixture('sglang.v1').correctness },
      /correctness/,
    ],
    [
      'a term that is not there',
      { ...speedup, scenarios: [{ ...speedup.scenarios[0], terms: ['itl'] }] },
      /terms/,
    ],
  ])('refuse %s', async (_, rules, message) => {
    await expect(readRulesFile(write(rules))).rejects.toMatchObject({
      code: 'USAGE_RULES_FILE',
      message: expect.stringMatching(message),
    });
  });
});

describe('a launcher of its own', () => {
  const place = (...parts: string[]) => {
    const dir = join(root, 'owned', ...parts);
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, 'start_server.sh'), '');
    return dir;
  };

  it('is that of the class before that of both', async () => {
    const owned = join(root, 'owned');
    expect(await launcherFolder(owned, 'reference', 'small')).toBeNull();
    const both = place('reference');
    expect(await launcherFolder(owned, 'reference', 'small')).toBe(both);
    const small = place('reference', 'small');
    expect(await launcherFolder(owned, 'reference', 'small')).toBe(small);
    expect(await launcherFolder(owned, 'reference', 'full')).toBe(both);
    expect(await launcherFolder(owned, 'oracle', 'full')).toBeNull();
  });

  it('is part of what identifies a scenario', async () => {
    const shipped = all.find(({ scenario }) => scenario.id === 'sglang-system');
    const copy = join(root, 'copied', 'sglang-system');
    cpSync(shipped?.dir ?? '', copy, { recursive: true });
    expect((await findScenario(copy, root)).sha256).toBe(shipped?.sha256);
    const script = join(copy, 'reference', 'small', 'start_server.sh');
    writeFileSync(script, `${readFileSync(script, 'utf8')}# faster\n`);
    expect((await findScenario(copy, root)).sha256).not.toBe(shipped?.sha256);
  });

  it('is there wherever a shipped scenario is measured against one', async () => {
    for (const { scenario, dir } of all) {
      for (const size of ['full', 'small'] as const) {
        if (scenario.classes[size].reference.kind !== 'launcher') continue;
        expect(scenario.classes[size].reference.witness).toBe('pytorch');
        expect(await launcherFolder(dir, 'reference', size)).not.toBeNull();
      }
    }
  });
});
