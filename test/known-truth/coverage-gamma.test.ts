import { describe } from 'vitest';
import { sampleGamma } from '../../src/stats/index.ts';
import { independent } from '../../src/stats/series.fixture.ts';
import { testIndependent } from './independent-coverage.ts';

describe('gamma, shape 2', () => {
  testIndependent(
    'gamma',
    independent((rng) => sampleGamma(rng, 2)),
    // Quantiles: scipy 1.17.1 gamma(2).ppf.
    { mean: 2, p50: 1.6783469900166612, p90: 3.889720169867429, p99: 6.638352067993811 },
  );
});
