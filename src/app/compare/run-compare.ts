import { join, resolve } from 'node:path';
import {
  BenchError,
  ExitCode,
  type Host,
  redactText,
  strongestExitCode,
} from '../../core/index.ts';
import { compareToggle, regressionGate } from '../../metrics/index.ts';
import type { Comparison, EmitRunEvent } from '../../model/index.ts';
import { createLivePanel, createPlainReporter } from '../../report/index.ts';
import { createComparisonFolder, createRunId, writeComparison } from '../../results/index.ts';
import { checkEngineAsked } from '../open-target.ts';
import { toBenchError } from '../run-state.ts';
import type { CompareRequest } from './compare-settings.ts';
import { draftComparison, isoTime } from './draft.ts';
import { finishCompare } from './finish-compare.ts';
import { type MetricsAsked, metricsAsked, parseToggle } from './metrics-asked.ts';
import { comparePaired } from './paired.ts';
import { compareStored } from './stored.ts';

/** Blocks without which a comparison says nothing. */
const leastBlocks = 3;

/**
 * `bench compare`: both sides block by block, or results that are there. Leaves a folder with
 * comparison.json, whatever happens once load is sent.
 *
 * @throws BenchError before anything was measured: USAGE_*, RESULT_*, PREREQ_*
 */
export async function runCompare(request: CompareRequest, host: Host): Promise<ExitCode> {
  const [a, b] = request.sides;
  const asked = metricsAsked(request.settings);
  if (request.settings.toggle !== null) parseToggle(request.settings.toggle);
  const id = createRunId(host.clock);
  const dir = resolve(host.cwd, request.output.output ?? join('bench-results', id));
  const comparison = draftComparison(id, request, asked, host);
  const stop = new AbortController();
  const reporter = host.stderr.isTTY
    ? createLivePanel(host.stderr, host.clock)
    : createPlainReporter(host.stderr);
  const emit: EmitRunEvent = (event) =>
    reporter.handle('message' in event ? { ...event, message: redactText(event.message) } : event);
  const offInterrupt = host.onInterrupt((signal) => {
    if (stop.signal.aborted) return;
    emit({ kind: 'log', message: `${signal}: stopping; whole blocks are kept` });
    stop.abort(new BenchError('INTERRUPTED', `Interrupted by ${signal}.`));
  });
  let error: BenchError | null = null;
  try {
    if (a.kind === 'stored' && b.kind === 'stored') {
      if (request.settings.resume !== null) {
        throw new BenchError('USAGE_RESUME', '--resume: stored results are not measured again.', {
          hint: 'Leave it out.',
        });
      }
      await compareStored(comparison, [a, b], request, asked, { host, dir });
      await createComparisonFolder(dir);
    } else if (a.kind === 'live' && b.kind === 'live') {
      checkEngineAsked(a.settings);
      checkEngineAsked(b.settings);
      await createComparisonFolder(dir);
      const save = () => writeComparison(dir, comparison);
      const { signal } = stop;
      await comparePaired(comparison, [a, b], request, asked, { host, emit, signal, dir, save });
    }
  } catch (thrown) {
    error = toBenchError(thrown);
    // Nothing was measured: no folder, no report, only the error.
    if (comparison.blocks.length === 0 && !stop.signal.aborted) throw error;
  } finally {
    offInterrupt();
    reporter.close();
  }
  judge(comparison, request, asked, { error, interrupted: stop.signal.aborted, host });
  return finishCompare(comparison, { ...request.output, dir, error, host });
}

/** Status, gate and exit code, once nothing more is measured. */
function judge(
  comparison: Comparison,
  { settings }: CompareRequest,
  asked: MetricsAsked,
  end: { error: BenchError | null; interrupted: boolean; host: Host },
): void {
  const { error, interrupted, host } = end;
  comparison.endedAt = isoTime(host.clock);
  const { results, blocks, design } = comparison;
  if (settings.toggle !== null) {
    const { flag, optimisation } = parseToggle(settings.toggle);
    comparison.toggle = compareToggle(flag, optimisation, results);
  }
  const codes: ExitCode[] = [ExitCode.ok];
  if (settings.maxRegression !== null) {
    comparison.gate = regressionGate(results, settings.maxRegression);
    if (comparison.gate.regressions.length > 0) codes.push(ExitCode.slo);
    const decided = comparison.gate.undecided.length < asked.primary.length;
    if (!decided) codes.push(ExitCode.invalid);
  }
  const valid = blocks.filter((block) => block.valid).length;
  if (design === 'paired' && valid < leastBlocks) {
    codes.push(ExitCode.invalid);
    comparison.findings.push({
      code: 'few-blocks',
      severity: 'invalid',
      message: `${valid} valid ${valid === 1 ? 'block' : 'blocks'}: ${leastBlocks} are needed for a verdict.`,
    });
    for (const row of results) if (row.primary && row.ratio !== null) row.verdict = 'too-few';
  }
  if (interrupted) codes.push(ExitCode.interrupted);
  else if (error !== null) codes.push(error.exitCode);
  comparison.error =
    error === null || interrupted
      ? null
      : {
          code: error.code,
          message: redactText(error.message),
          hint: error.hint === undefined ? null : redactText(error.hint),
        };
  const measured = results.some(({ ratio }) => ratio !== null);
  comparison.status = interrupted || error !== null ? 'partial' : measured ? 'complete' : 'failed';
  if (!measured && !interrupted && error === null) codes.push(ExitCode.invalid);
  comparison.exitCode = strongestExitCode(codes);
}
