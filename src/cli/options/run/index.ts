import type { RunSettings } from '../../../app/index.ts';
import type { OptionTable } from '../resolve.ts';
import { budgetOptions } from './budget.ts';
import { judgementOptions } from './judgement.ts';
import { loadOptions } from './load.ts';
import { methodOptions } from './method.ts';
import { outputOptions } from './output.ts';
import { startedEngineOptions } from './started-engine.ts';
import { systemOptions } from './system.ts';
import { targetOptions } from './target.ts';
import { telemetryOptions } from './telemetry.ts';
import { workloadOptions } from './workload.ts';

export { checkRunSettings } from './check.ts';
export { isOpenai, withoutOpenai } from './openai.ts';
export { engineIds } from './target.ts';

/** Every key of RunSettings has its option here: a forgotten flag does not compile. */
export const runOptions: OptionTable<RunSettings> = {
  ...targetOptions,
  ...loadOptions,
  ...methodOptions,
  ...workloadOptions,
  ...judgementOptions,
  ...outputOptions,
  ...startedEngineOptions,
  ...systemOptions,
  ...budgetOptions,
  ...telemetryOptions,
};
