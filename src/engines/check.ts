/** One thing that was looked at, what came out, and the next step. */
export interface DoctorCheck {
  /** Stable, kebab-case: `cache`, `python`, `engine-llama.cpp`. */
  check: string;
  status: 'ok' | 'warn' | 'fail';
  message: string;
  hint: string | null;
}

export type Verdict = Omit<DoctorCheck, 'check'>;

export const ok = (message: string): Verdict => ({ status: 'ok', message, hint: null });
export const warn = (message: string, hint: string): Verdict => ({ status: 'warn', message, hint });
export const fail = (message: string, hint: string): Verdict => ({ status: 'fail', message, hint });
