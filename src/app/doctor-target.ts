import { defaultTarget } from '../client/index.ts';
import { BenchError, type Host, isBenchError, redactText } from '../core/index.ts';
import type { DoctorCheck } from '../engines/index.ts';
import { readClockStepUs } from '../host/index.ts';
import { coarseClockUs } from './check-machine.ts';
import { runPreflight } from './preflight.ts';

/** Whether a server lists its model and really generates: the preflight of a run, as checks. */
export async function checkTarget(endpoint: string, host: Host): Promise<DoctorCheck[]> {
  const apiKey = host.env['BENCH_API_KEY'];
  const stop = new AbortController();
  const off = host.onInterrupt(() => stop.abort(new BenchError('INTERRUPTED', 'Interrupted.')));
  try {
    const { target, servedModel, firstRequestMs, findings } = await runPreflight({
      target: {
        ...defaultTarget,
        url: endpoint,
        model: '',
        headers: apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` },
      },
      api: 'auto',
      connectionReuse: 'auto',
      model: null,
      clock: host.clock,
      signal: stop.signal,
    });
    const generates: DoctorCheck =
      firstRequestMs === null
        ? {
            check: 'generation',
            status: 'fail',
            message: `${target.url} generates nothing.`,
            hint: 'See below, and the server’s log.',
          }
        : {
            check: 'generation',
            status: 'ok',
            message: `"${servedModel ?? target.model}" streams through the ${target.api} API; the first request took ${Math.round(firstRequestMs)} ms.`,
            hint: null,
          };
    const doubts = findings.map(
      ({ code, severity, message }): DoctorCheck => ({
        check: code,
        status: severity === 'info' ? 'ok' : 'warn',
        message: redactText(message),
        hint: null,
      }),
    );
    return [generates, ...doubts];
  } catch (error) {
    if (!isBenchError(error)) throw error;
    const { message, hint } = error;
    return [
      {
        check: 'generation',
        status: 'fail',
        message: redactText(message),
        hint: hint === undefined ? null : redactText(hint),
      },
    ];
  } finally {
    off();
  }
}

/** Whether this machine's clock tells times apart that matter. */
export function checkClock(host: Host): DoctorCheck {
  const stepUs = readClockStepUs(host.clock);
  const message = `The clock advances in steps of ${Number(stepUs.toPrecision(2))} µs.`;
  return stepUs <= coarseClockUs
    ? { check: 'clock', status: 'ok', message, hint: null }
    : {
        check: 'clock',
        status: 'warn',
        message,
        hint: 'Times between tokens are as coarse as that. Measure from another machine.',
      };
}
