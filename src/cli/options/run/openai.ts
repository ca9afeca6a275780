/** Whether `--engine` names no program but whatever serves at `--endpoint`. */
export const isOpenai = (engine: string | null | undefined) => engine?.toLowerCase() === 'openai';

/** `--engine openai --endpoint URL` is the endpoint alone: nothing is started for it. */
export function withoutOpenai<T extends { engine: string | null; endpoint: string | null }>(
  settings: T,
): T {
  return isOpenai(settings.engine) && settings.endpoint !== null
    ? { ...settings, engine: null }
    : settings;
}
