/** The middle value; null without any. */
export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const at = sorted.length >> 1;
  const upper = sorted[at] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[at - 1] as number) + upper) / 2;
}

export const sum = (values: readonly number[]) => values.reduce((total, one) => total + one, 0);

/** `3 of 12` */
export const share = (part: number, whole: number) => `${part} of ${whole}`;

export const ms = (value: number | null) => (value === null ? '?' : `${value.toFixed(1)} ms`);
export const percent = (value: number) => `${(100 * value).toFixed(value < 0.1 ? 1 : 0)} %`;
