import type { Comparison, MetricComparison } from '../../model/index.ts';

/**
 * Metrics in which B is worse than A by more than a share: the whole interval has to be beyond it,
 * so that noise alone fails nothing. Only metrics named before the run count.
 *
 * @param maxRegressionShare 0.05: 5 % slower, or 5 % less throughput
 */
export function regressionGate(
  results: readonly MetricComparison[],
  maxRegressionShare: number,
): NonNullable<Comparison['gate']> {
  const primary = results.filter((result) => result.primary);
  const beyond = ({ better, low, high }: MetricComparison) =>
    better === 'lower'
      ? low !== null && low > 1 + maxRegressionShare
      : high !== null && high < 1 - maxRegressionShare;
  return {
    maxRegressionShare,
    regressions: primary.filter(beyond).map(({ metric }) => metric),
    undecided: primary.filter(({ low }) => low === null).map(({ metric }) => metric),
  };
}
