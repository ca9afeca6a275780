import type { ClientTarget } from '../client/index.ts';
import type { LengthCheck, PromptProvenance, WorkloadInfo } from '../model/index.ts';
import { formatLengthSpec } from '../workload/index.ts';
import { enforcesLength } from './enforce-length.ts';
import type { FittedWorkload } from './fit-context.ts';
import type { Preflight } from './preflight.ts';
import type { PromptTally } from './prompt-tally.ts';
import type { RunSettings } from './settings.ts';
import type { WorkloadRequest } from './workload-asked.ts';

/** What a run knows of its workload. */
export interface WorkloadState {
  settings: RunSettings;
  /** As asked for. */
  workload: WorkloadRequest;
  preflight: Preflight | null;
  /** As it is sent; null before the data set is loaded. */
  fitted: FittedWorkload | null;
  lengthCheck: LengthCheck | null;
  prompts: PromptTally;
  tokenizer: string | null;
}

/** What is sent, for the envelope. */
export function describeWorkload(state: WorkloadState, target: ClientTarget | null): WorkloadInfo {
  const { settings, fitted, workload } = state;
  const { dataset, inputTokens, outputTokens } = workload;
  const ofRows = dataset.lengthsFrom === 'rows' ? 'of each row' : null;
  const prompts = describePrompts(state);
  const renamed =
    fitted === null || fitted.dataset.id === dataset.id ? '' : `${fitted.dataset.id}: `;
  return {
    dataset: fitted === null ? settings.dataset : `${renamed}${fitted.dataset.describe}`,
    inputTokens: ofRows ?? formatLengthSpec(inputTokens),
    outputTokens: dataset.conversations === true ? 'of each row' : formatLengthSpec(outputTokens),
    temperature: settings.temperature,
    ignoreEos: settings.ignoreEos && (target === null || enforcesLength(target)),
    prefixCache: describePrefixCache(state),
    ...(prompts !== null && { prompts }),
  };
}

function describePrompts({
  fitted,
  lengthCheck,
  prompts,
  tokenizer,
}: WorkloadState): PromptProvenance | null {
  if (fitted === null) return null;
  const { id, source, rows } = fitted.dataset;
  return {
    dataset: id,
    source: source.source,
    revision: source.revision,
    sourceSha256: source.sha256,
    rule: source.rule,
    tokenizer,
    rows: rows === null ? null : rows.filter((row) => row !== null).length,
    rowsLeftOut: fitted.rowsLeftOut,
    lengthCheck,
    ...prompts.figures(),
  };
}

function describePrefixCache({ preflight, fitted, workload }: WorkloadState): string {
  const prefix = fitted?.dataset.prefix ?? null;
  const switchedOff = preflight?.target.extraBody['cache_prompt'] === false;
  const prompts =
    prefix !== null
      ? `as the server has it: prompts share ${prefix.groups === 1 ? 'a beginning' : `${prefix.groups} beginnings`} of ${prefix.tokens} tokens, the same at every level and in the warm-up`
      : workload.salted
        ? 'every prompt differs from its first token on'
        : 'rows go out as they are, at every level again: a prefix cache may answer';
  return switchedOff ? `switched off (cache_prompt: false); ${prompts}` : prompts;
}
