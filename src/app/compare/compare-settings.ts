import type { RunSettings } from '../settings.ts';

/** What `bench compare` itself takes; everything else is a side's. Shares are 0..1. */
export interface CompareSettings {
  /** Metric keys that the verdict is about; null = the default ones. */
  metrics: string[] | null;
  blocks: number;
  /** Differences within +- this share count as none. */
  margin: number;
  /** Gate: B may be worse by this share; null = no gate. */
  maxRegression: number | null;
  /** A flag that side B has on top, and the optimisation it stands for (`fp8:--flag`). */
  toggle: string | null;
  /** Measures A against itself too. */
  aa: boolean;
  /** Compares stored results although their contexts differ. */
  force: boolean;
  /** Folder of an interrupted comparison whose whole blocks are taken over; null = none. */
  resume: string | null;
}

/** One side as it was named. */
export type SideAsked =
  /** An engine that is started, or an endpoint that runs. `text`: what is its own. */
  | { kind: 'live'; text: string; settings: RunSettings }
  /** Result folders, or folders of them. */
  | { kind: 'stored'; paths: string[] };

/** Where a comparison goes, and in which form it is printed. */
export interface CompareOutput {
  output: string | null;
  json: boolean;
  html: boolean;
}

/** The level of stored results that is compared; all null: the headline of A. */
export interface LoadChosen {
  rate: number | null;
  concurrency: number | null;
  maxConcurrency: number | null;
}

export interface CompareRequest {
  settings: CompareSettings;
  sides: [SideAsked, SideAsked];
  /** Both are the same because only one was named. */
  oneSide: boolean;
  load: LoadChosen;
  output: CompareOutput;
}
