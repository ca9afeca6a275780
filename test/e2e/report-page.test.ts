import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { reports } from '../../src/report/index.ts';
import { virtualResult } from './virtual-result.ts';

/** The page of a whole run, as the code of `bench run` conducts it; drawn in src/report/html. */
it('a search, a sustained run, closed levels and launches fill every section', async () => {
  const result = await virtualResult();
  const html = reports.get('html').render(result);
  writeFileSync('/tmp/report-virtual.html', html);
  expect(Buffer.byteLength(html), pathToFileURL('/tmp/report-virtual.html').href).toBeLessThan(
    1_500_000,
  );
  const ids = [...html.matchAll(/<section id="([^"]+)"/g)].map(([, id]) => id);
  expect(ids).toEqual([
    ...['latency', 'max-load', 'results', 'open-closed', 'trade-off', 'distributions', 'timeline'],
    ...['steadiness', 'search', 'metrics', 'findings', 'cost', 'conditions', 'reproduce'],
  ]);
  const knee = result.envelope.method?.sweep?.knees[0];
  expect(knee?.maxRateRps).toBeGreaterThan(0);
  expect(html).toMatch(new RegExp(`>knee ${Number(knee?.offeredRps?.toPrecision(3))}[ <]`));
  expect(html).toContain(`>${Number(knee?.maxRateRps?.toPrecision(3))} planned</tspan>`);
  expect(html).not.toMatch(/NaN|undefined|\[object|Infinity/);
  const csv = reports.get('csv').render(result).trimEnd().split('\r\n');
  expect(csv).toHaveLength(1 + result.envelope.levels.length);
}, 120_000);
