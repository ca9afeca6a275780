import type { Agenda, AgendaEntry } from './agenda.ts';
import { createDelayModel, type EngineState } from './delay-model.ts';
import type { SimSpec } from './sim-spec.ts';

export interface EngineRequest {
  promptTokens: number;
  /** Of them, tokens that need no prefill. */
  cachedTokens?: number;
  outputTokens: number;
  /** A pause once so many tokens are out; null = for ever, the slot stays taken until cancelled. */
  stall?: { afterTokens: number; stallMs: number | null };
}

/** Called with the model's own times: exact instants, however late the real clock calls. */
export interface EngineWatcher {
  /** Taken in: waits or runs from here on. */
  onAccepted?(atUs: number): void;
  /** The queue was full. Nothing else is called. */
  onRejected?(atUs: number): void;
  /** Has its slot. */
  onStarted?(atUs: number): void;
  /** A chunk of `tokens` tokens is ready; with `last` the slot is free again. */
  onTokens(atUs: number, tokens: number, last: boolean): void;
}

export interface EngineJob {
  /** Drops the request wherever it is and frees its slot; nothing is called any more. */
  cancel(): void;
}

/** Queue, slots, prefill and decode of one server, by the clock it is given. */
export interface EngineModel {
  /** @param atUs arrival; defaults to now, may lie a little in the past of a real clock. */
  submit(request: EngineRequest, watcher: EngineWatcher, atUs?: number): EngineJob;
  running(): number;
  waiting(): number;
  /** Requests that got their last token. */
  finished(): number;
}

interface Job {
  request: EngineRequest;
  watcher: EngineWatcher;
  number: number;
  state: 'arriving' | 'waiting' | 'running' | 'over';
  next: AgendaEntry | null;
}

/**
 * First come, first served over `spec.slots` slots. The same code runs under the socket server and
 * under the virtual sender.
 */
export function createEngineModel(spec: SimSpec, agenda: Agenda): EngineModel {
  const delays = createDelayModel(spec, agenda.nowUs());
  const slots = spec.slots ?? Number.POSITIVE_INFINITY;
  const queueLimit = spec.queue ?? Number.POSITIVE_INFINITY;
  const chunkPattern = Array.isArray(spec.tokensPerChunk)
    ? spec.tokensPerChunk
    : [spec.tokensPerChunk];
  // Cancelled jobs stay in the line until its head passes them; `waiting` counts the live ones.
  let line: Job[] = [];
  let head = 0;
  let waiting = 0;
  let running = 0;
  let finished = 0;
  let arrivals = 0;

  const stateAt = (atUs: number): EngineState => ({ atUs, inFlight: running + waiting });

  const start = (job: Job, atUs: number): void => {
    const { request, watcher } = job;
    job.state = 'running';
    running++;
    let done = 0;
    let chunk = 0;
    let stall = request.stall ?? null;
    const nextSize = () =>
      Math.min(chunkPattern[chunk % chunkPattern.length] ?? 1, request.outputTokens - done);
    const delay = delays.forRequest(job.number, request.outputTokens, nextSize());

    const step = (nowUs: number): void => {
      const tokens = nextSize();
      chunk++;
      done += tokens;
      const last = done >= request.outputTokens;
      if (last) release(job, nowUs);
      watcher.onTokens(nowUs, tokens, last);
      if (last || job.state === 'over') return;
      let gapUs = delay.stepUs(done, done + nextSize(), stateAt(nowUs));
      if (stall && done >= stall.afterTokens) {
        if (stall.stallMs === null) return;
        gapUs += stall.stallMs * 1000;
        stall = null;
      }
      job.next = agenda.at(delays.after(nowUs, gapUs), step);
    };
    const uncached = request.promptTokens - (request.cachedTokens ?? 0);
    const firstUs = delay.firstUs(uncached, stateAt(atUs));
    watcher.onStarted?.(atUs);
    job.next = agenda.at(delays.after(atUs, firstUs), step);
  };

  /** Ends a running job and gives its slot to the next in line. */
  const release = (job: Job, atUs: number): void => {
    if (job.state !== 'running') return;
    job.state = 'over';
    running--;
    finished++;
    admitNext(atUs);
  };
  const admitNext = (atUs: number): void => {
    while (running < slots && head < line.length) {
      const next = line[head++] as Job;
      if (head > 1024 && head * 2 > line.length) {
        line = line.slice(head);
        head = 0;
      }
      if (next.state !== 'waiting') continue;
      waiting--;
      start(next, atUs);
    }
  };

  const accept = (job: Job, atUs: number): void => {
    if (running >= slots && waiting >= queueLimit) {
      job.state = 'over';
      job.watcher.onRejected?.(atUs);
      return;
    }
    job.watcher.onAccepted?.(atUs);
    if (job.state === 'over') return;
    if (running < slots) {
      start(job, atUs);
    } else {
      job.state = 'waiting';
      waiting++;
      line.push(job);
    }
  };

  return {
    submit(request, watcher, atUs = agenda.nowUs()) {
      if (!(request.outputTokens >= 1)) throw new Error('a request needs at least 1 output token');
      delays.noteArrival(atUs);
      const job: Job = { request, watcher, number: ++arrivals, state: 'arriving', next: null };
      job.next = agenda.at(delays.after(atUs, 0), (nowUs) => accept(job, nowUs));
      return {
        cancel() {
          job.next?.cancel();
          const { state } = job;
          job.state = 'over';
          if (state === 'waiting') waiting--;
          if (state !== 'running') return;
          running--;
          admitNext(agenda.nowUs());
        },
      };
    },
    running: () => running,
    waiting: () => waiting,
    finished: () => finished,
  };
}
