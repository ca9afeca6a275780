import { isBenchError } from '../../core/index.ts';
import type { Lab } from '../checks/check.ts';
import { arenaDoes, Ended } from './ended.ts';
import type { KnownSoFar } from './known-so-far.ts';
import type { JudgeOrder } from './order.ts';
import type { JudgePorts, LaunchedSubmission, LaunchTrace } from './ports.ts';

/** A fresh start of the submission around some work; everything of it is gone afterwards. */
export async function withLaunch(
  { collectDir }: JudgeOrder,
  ports: JudgePorts,
  trial: KnownSoFar,
  work: (server: LaunchedSubmission) => Promise<void>,
): Promise<void> {
  const server = await arenaDoes(ports.launch(collectDir));
  let failure: unknown = null;
  try {
    try {
      trial.readyMs.push((await server.ready()).readyMs);
    } catch (error) {
      ports.signal.throwIfAborted();
      if (!isBenchError(error) || !error.code.startsWith('ENGINE_')) throw error;
      throw new Ended('server_fail', error.message);
    }
    await work(server);
    if (server.hasExited()) {
      throw new Ended('server_fail', 'the launcher ended while the server was asked');
    }
  } catch (error) {
    failure = error;
  }
  const trace = await server.stop();
  trial.traces.push(trace);
  if (failure !== null) throw withLimits(failure, trace);
}

/** Who ran into a limit is told so. */
function withLimits(failure: unknown, { stop }: LaunchTrace): unknown {
  const reached = stop?.reachedLimits ?? [];
  const isItsOwn = failure instanceof Ended && failure.kind === 'server_fail';
  if (!isItsOwn || reached.length === 0) return failure;
  const message = `${failure.message}; it had reached its limit of ${reached.join(', ')}`;
  return new Ended(failure.kind, message);
}

/** How checks ask it. */
export function labOf(server: LaunchedSubmission, trial: KnownSoFar): Lab {
  return {
    server,
    async ask(id, asks, inFlight = 1, patience = 1) {
      if (asks.length === 0) return [];
      const answers = await server.send({
        ...{ id, asks, arrival: 'burst', maxInFlight: inFlight },
        ...{ rateRps: null, seed: 0, timed: false, patience },
      });
      trial.all.push(...answers);
      if (id === 'gate') trial.gate.push(...answers);
      return answers;
    },
  };
}
