// fastest-levenshtein: the edit distance behind "did you mean", zero dependencies.
import { distance } from 'fastest-levenshtein';

/** The candidates a typo probably meant, best first; empty when nothing is near. */
export function suggest(value: string, candidates: readonly string[]): string[] {
  const near = (text: string) => Math.max(2, Math.floor(text.length / 3));
  return candidates
    .map((candidate) => ({ candidate, d: distance(value.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, d }) => d <= near(candidate))
    .sort((x, y) => x.d - y.d)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** ` Did you mean "x"?` or an empty string: to be appended to a message. */
export function didYouMean(value: string, candidates: readonly string[]): string {
  const [best] = suggest(value, candidates);
  return best === undefined ? '' : ` Did you mean "${best}"?`;
}
