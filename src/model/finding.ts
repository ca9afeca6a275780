/** A doubt about the measurement, as a value: code, evidence in words, remedy. */
export interface Finding {
  /** Stable, kebab-case: `client-shares-host`, `error-share-high`. */
  code: string;
  /** info: worth knowing; warning: the number may mislead; invalid: do not use the number. */
  severity: 'info' | 'warning' | 'invalid';
  /** What was observed, with figures, and what to do about it. */
  message: string;
  /** 0-based level the finding is about; absent for the whole run. */
  level?: number;
}
