import { describe } from 'vitest';
import { sampleNormal } from '../../src/stats/index.ts';
import { independent } from '../../src/stats/series.fixture.ts';
import { testIndependent } from './independent-coverage.ts';

describe('log-normal, sigma 0.5', () => {
  testIndependent(
    'log-normal',
    independent((rng) => Math.exp(0.5 * sampleNormal(rng))),
    // Quantiles: scipy 1.17.1 lognorm(0.5).ppf.
    { mean: Math.exp(0.125), p50: 1, p90: 1.8979527073347104, p99: 3.200074007942962 },
  );
});
