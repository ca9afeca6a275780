import type { Comparison, ComparisonBlock, MetricComparison } from '../../model/index.ts';
import type { Tone } from '../content/verdicts.ts';
import { formatNumber, missing, plainText } from '../format.ts';

/** 1.123 -> `+12.3 %`, 0.95 -> `-5.00 %`; `—` for missing. */
export function changeText(ratio: number | null): string {
  if (ratio === null) return missing;
  const percent = (ratio - 1) * 100;
  const size = Number(Math.abs(percent).toPrecision(3));
  return `${size === 0 ? '' : percent > 0 ? '+' : '−'}${formatNumber(size)} %`;
}

/** `+10.1 % to +14.2 %`; empty without an interval. */
export function changeInterval(low: number | null, high: number | null): string {
  return low === null || high === null ? '' : `${changeText(low)} to ${changeText(high)}`;
}

export const shareText = (share: number | null) =>
  share === null ? missing : `${formatNumber(Number((share * 100).toPrecision(3)))} %`;

/** p-values below 0.001 are only small. */
export function pText(p: number | null): string {
  if (p === null) return missing;
  return p < 0.001 ? '< 0.001' : p.toFixed(3);
}

/** `B is better, −31.5 %`: the verdict alone, for tables and chips. */
export function shortVerdict({ verdict, ratio }: MetricComparison): string {
  if (verdict === 'a-better') return `A is better, B ${changeText(ratio)}`;
  if (verdict === 'b-better') return `B is better, ${changeText(ratio)}`;
  return verdict.replaceAll('-', ' ');
}

/** The verdict on one metric, in words with its figures. */
export function verdictText(row: MetricComparison): string {
  const { verdict, ratio, low, high, equivalence, detectableShare } = row;
  const margin = `±${shareText(equivalence.marginShare)}`;
  switch (verdict) {
    case 'a-better':
    case 'b-better': {
      const who = verdict === 'a-better' ? 'A' : 'B';
      const small = equivalence.within === true ? `, within the margin of ${margin}` : '';
      return `${who} is better: B ${changeText(ratio)} (${changeInterval(low, high)})${small}`;
    }
    case 'equivalent':
      return `equivalent: within ${margin} (90 % interval ${changeInterval(equivalence.low, equivalence.high)})`;
    case 'no-detectable-difference':
      return `no detectable difference (${changeInterval(low, high)}); one of ${shareText(detectableShare)} would be found with 80 % power`;
    case 'too-few':
      return `not decided: too few values (B ${changeText(ratio)})`;
    case 'not-measured':
      return 'not measured';
    case 'not-tested':
      return 'not named before the run, so no verdict';
  }
}

export function verdictTone({ verdict }: MetricComparison): Tone {
  if (verdict === 'a-better' || verdict === 'b-better') return 'good';
  return verdict === 'too-few' || verdict === 'not-measured' ? 'warn' : 'plain';
}

/** Metrics named before the run: those that have a verdict. */
export const primaryRows = ({ results }: Comparison) => results.filter(({ primary }) => primary);

/** Metrics for orientation, where they were measured. */
export const otherRows = ({ results }: Comparison) =>
  results.filter(({ primary, ratio }) => !primary && ratio !== null);

/** The whole answer in one line. */
export function headlineText(comparison: Comparison): string {
  const primary = primaryRows(comparison);
  const named = (verdict: MetricComparison['verdict']) =>
    primary.filter((row) => row.verdict === verdict).map(({ title }) => title);
  const parts = [
    ['B is better in', named('b-better')],
    ['A is better in', named('a-better')],
    ['equivalent in', named('equivalent')],
    ['no detectable difference in', named('no-detectable-difference')],
    ['not decided:', [...named('too-few'), ...named('not-measured')]],
  ] as const;
  const said = parts.filter(([, titles]) => titles.length > 0);
  if (said.length === 0) return 'Nothing was compared.';
  const text = said.map(([how, titles]) => `${how} ${titles.join(', ')}`).join('; ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** How it was measured, in one line. */
export function designText(comparison: Comparison): string {
  const { design, replication, blocks, blocksAsked, planHash, load } = comparison;
  if (design === 'stored') return plainText(`stored results, at ${load}`);
  const done =
    blocks.length === blocksAsked ? `${blocksAsked}` : `${blocks.length} of ${blocksAsked}`;
  const starts =
    replication === 'relaunched' ? 'both sides started anew in each' : 'one deployment each';
  const plan = planHash === null ? '' : `, requests ${planHash.slice(0, 12)}`;
  return plainText(`${load}, ${done} blocks in alternating order, ${starts}${plan}`);
}

/** The gate in words; null when none was asked for. */
export function gateText({ gate }: Comparison): { tone: Tone; text: string } | null {
  if (gate === null) return null;
  const limit = shareText(gate.maxRegressionShare);
  if (gate.regressions.length > 0) {
    return {
      tone: 'bad',
      text: `Gate: worse by more than ${limit} in ${gate.regressions.join(', ')}`,
    };
  }
  const open = gate.undecided.length === 0 ? '' : `; not decided: ${gate.undecided.join(', ')}`;
  return {
    tone: open === '' ? 'good' : 'warn',
    text: `Gate: no regression beyond ${limit} shown${open}`,
  };
}

/** What holds for all rows of the table. */
export function legendText({ results, design, findings }: Comparison): string {
  const primary = results.filter((row) => row.primary).length;
  const several = primary > 1 ? `, corrected for ${primary} metrics (Holm)` : '';
  const bases = new Set(results.map(({ basis }) => basis));
  const unit = findings.some(({ code }) => code === 'single-launch') ? 'runs' : 'launches';
  const how = bases.has('within-run')
    ? 'intervals from within the runs'
    : bases.has('one-against-several')
      ? 'one value against the spread of several (Student)'
      : bases.has('two-samples')
        ? `Welch's t over ${unit}`
        : design === 'stored'
          ? 'none, one value a side'
          : "Student's t over blocks";
  return `Change of B against A, geometric mean; 95 % interval: ${how}; p${several}; detectable: smallest difference found with 80 % power; equivalence by two one-sided tests.`;
}

/** Values of a block, for tables and charts. */
export function blockValue(block: ComparisonBlock, metric: string) {
  return block.values[metric] ?? { a: null, b: null };
}

const arrows = { better: 'better', worse: 'worse', same: 'same', unknown: 'not decided' } as const;

/** Rows of the toggle table: aspect, what the article expects, what was measured. */
export function toggleRows({ toggle }: Comparison): [string, string, string][] {
  if (toggle === null) return [];
  return toggle.rows.map(({ aspect, expected, measured, ratio }) => [
    aspect,
    expected === null ? missing : expected,
    `${arrows[measured]}${ratio === null ? '' : ` (B ${changeText(ratio)})`}`,
  ]);
}

export function toggleTitle({ toggle }: Comparison): string {
  if (toggle === null) return '';
  const what = toggle.optimisation ?? 'not in the article’s table';
  return plainText(`${toggle.flag} (${what})`);
}
