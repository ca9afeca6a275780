import type { StartedEngineSettings, TargetSettings } from '../settings.ts';

/** Every setting of `bench conform`. */
export interface ConformSettings
  extends StartedEngineSettings,
    Pick<
      TargetSettings,
      | 'engine'
      | 'endpoint'
      | 'model'
      | 'api'
      | 'apiKey'
      | 'apiKeyEnv'
      | 'header'
      | 'extraBody'
      | 'insecure'
      | 'proxy'
      | 'connectTimeout'
    > {
  /** A model's tokenizer.json, to count with. */
  tokenizer: string | null;
  /** Families of rows; null = all. */
  only: string[] | null;
  /** Rows that have to be `yes`. */
  require: string[];
  /** Longest time of one request, of one family and of all, seconds. */
  requestTimeout: number;
  familyTimeout: number;
  timeLimit: number;
  /** `FILE.md` or `FILE.json`. */
  output: string | null;
  json: boolean;
}
