import { BenchError } from '../core/index.ts';
import type { TargetSettings } from './settings.ts';

/**
 * The settings with the key that `--api-key-env` names.
 *
 * @throws BenchError USAGE_NO_API_KEY
 */
export function withApiKey<T extends Pick<TargetSettings, 'apiKey' | 'apiKeyEnv'>>(
  settings: T,
  env: Readonly<Record<string, string | undefined>>,
): T {
  const name = settings.apiKeyEnv;
  if (name === null) return settings;
  const apiKey = env[name]?.trim() ?? '';
  if (apiKey === '') {
    throw new BenchError('USAGE_NO_API_KEY', `--api-key-env ${name}: ${name} is not set.`, {
      hint: `Set and export it before bench is started: export ${name}=...`,
    });
  }
  return { ...settings, apiKey };
}
