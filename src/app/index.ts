export {
  installEngine,
  listEngines,
  listModels,
  pullModel,
  runDoctorCommand,
  showEngineLog,
  startEngine,
  stopEngine,
} from './engine-commands.ts';
export { runInference } from './run-inference.ts';
export { runSelftest } from './selftest/selftest-command.ts';
export type { EngineStartSettings, RunSettings, SelftestSettings } from './settings.ts';
export { showResult, writeReport } from './show-result.ts';
