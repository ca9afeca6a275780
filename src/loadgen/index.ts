export type { Transport as TransportChoice } from '../client/index.ts';
export {
  createLoadRunner,
  type LoadedRun,
  type LoadRunner,
  type LoadRunnerOptions,
} from './load-runner.ts';
