import { ExitCode, type Host } from '../core/index.ts';
import { type DoctorCheck, findEngine, runDoctor, surveyEngine } from '../engines/index.ts';
import { checkClock, checkTarget } from './doctor-target.ts';
import { withContext } from './with-context.ts';

/** `bench doctor`: exit 3 when a check fails. */
export async function runDoctorCommand(
  options: { endpoint: string | null; json: boolean },
  host: Host,
): Promise<ExitCode> {
  const { endpoint } = options;
  const checks = await withContext(host, (ctx) =>
    runDoctor(ctx, endpoint === null ? {} : { endpoint }),
  );
  checks.push(checkClock(host));
  if (endpoint !== null) checks.push(...(await checkTarget(endpoint, host)));
  if (options.json) host.stdout.write(`${JSON.stringify({ checks }, null, 2)}\n`);
  else writeChecks(checks, host);
  return checks.some(({ status }) => status === 'fail') ? ExitCode.prerequisite : ExitCode.ok;
}

/** `bench engine doctor`: what stands between this machine and one engine; exit 3 when it cannot run. */
export async function diagnoseEngine(
  id: string,
  options: { enginePath: string | null; json: boolean },
  host: Host,
): Promise<ExitCode> {
  const engine = findEngine(id);
  const { enginePath } = options;
  const survey = await withContext(host, (ctx) =>
    surveyEngine(ctx, engine, enginePath === null ? {} : { enginePath }),
  );
  if (options.json) host.stdout.write(`${JSON.stringify(survey, null, 2)}\n`);
  else writeChecks(survey.checks, host);
  return survey.obstacle === null ? ExitCode.ok : ExitCode.prerequisite;
}

function writeChecks(checks: readonly DoctorCheck[], host: Host): void {
  const width = Math.max(...checks.map(({ check }) => check.length));
  for (const { check, status, message, hint } of checks) {
    host.stdout.write(`${status.padEnd(4)}  ${check.padEnd(width)}  ${message}\n`);
    if (hint !== null) host.stdout.write(`${' '.repeat(width + 8)}${hint}\n`);
  }
}
