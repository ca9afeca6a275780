import { sleepMs } from '../../core/index.ts';
import type { EngineReading } from '../../model/index.ts';
import type { Generation } from '../generation.ts';
import { heldOpenFields } from '../length-facts.ts';
import { count, type Finding } from '../per-api.ts';
import type { Probe, ProbeContext } from '../probe.ts';

const lookEveryMs = 50;
/** Tokens that have to have come before it is hung up. */
const tokensBefore = 3;
/** Of what was left to generate: at most this is stopped, at least that is not. */
const stoppedShare = 0.5;
const runOnShare = 0.9;
/** The same for the wait of the next request, where only time tells. */
const freedShare = 0.3;
const keptShare = 0.7;
/** Shortest rest of a generation, milliseconds, in which a freed slot can be told by time. */
const shortestRestMs = 500;

/** What happens to a generation whose client has gone. */
export const cancelProbe: Probe = {
  id: 'cancel',
  rows: [
    {
      id: 'cancel.disconnect',
      title: 'Stops generating when the client hangs up',
      asked: 'a long generation, hung up on after its first tokens: its slot and its tokens then',
      means: {
        yes: 'Requests that time out or are cancelled cost nothing further.',
        partial:
          'Requests that time out or are cancelled go on for a while and take capacity from others.',
        no: 'Requests that time out or are cancelled go on to their end: let a server drain before the next level.',
      },
    },
  ],
  async run(context, report) {
    const plan = await planLong(context);
    if (typeof plan === 'string') return report('cancel.disconnect', 'unknown', plan);
    const before = await context.readEngine();
    const byMetrics =
      before !== null && before.running !== null && before.generationTokens !== null
        ? await askMetrics(context, plan, before as CountingReading)
        : null;
    if (context.signal.aborted) return;
    report('cancel.disconnect', ...(byMetrics ?? (await askNextRequest(context, plan))));
  },
};

type CountingReading = EngineReading & { running: number; generationTokens: number };

interface LongPlan {
  tokens: number;
  fields: Record<string, unknown>;
  tokensPerS: number;
}

/** A generation that is under way for a while, sized by the server's own speed. */
async function planLong(context: ProbeContext): Promise<LongPlan | string> {
  const { sizes, contextTokens } = context;
  const held = await heldOpenFields(context, sizes.tokens);
  const sample = await context.generate({ fields: held });
  const { failed, firstTokenMs, lastTokenMs, textChunks } = sample;
  if (failed !== null) return failed;
  const spanMs = (lastTokenMs ?? 0) - (firstTokenMs ?? 0);
  if (textChunks < 2 || spanMs <= 0) return 'the stream does not show how fast it generates';
  const tokensPerS = ((textChunks - 1) / spanMs) * 1000;
  const most = Math.min(sizes.longTokens, Math.floor((contextTokens ?? 2048) / 2));
  const tokens = Math.max(16, Math.min(most, Math.round(tokensPerS * sizes.longS)));
  return { tokens, tokensPerS, fields: await heldOpenFields(context, tokens) };
}

/** A generation whose first tokens have come. */
interface UnderWay {
  tokens(): number;
  hangUp(): Promise<Generation>;
}

/** Begins one and waits for its first tokens; what came of it, when it ended before that. */
async function begin(context: ProbeContext, plan: LongPlan): Promise<UnderWay | Generation> {
  const hangUp = new AbortController();
  let seen = 0;
  let announce = () => {};
  const underWay = new Promise<void>((resolve) => {
    announce = resolve;
  });
  const whole = context.generate({
    maxTokens: plan.tokens,
    fields: plan.fields,
    signal: hangUp.signal,
    stopWhen: (events) => {
      seen = events.length;
      if (seen >= tokensBefore) announce();
      return false;
    },
  });
  const first = await Promise.race([whole, underWay]);
  if (first !== undefined) return first;
  return {
    tokens: () => seen,
    hangUp() {
      hangUp.abort();
      return whole;
    },
  };
}

const isOver = (begun: UnderWay | Generation): begun is Generation => 'chunks' in begun;
const isUnderWay = (begun: UnderWay | Generation): begun is UnderWay => 'hangUp' in begun;
const endedEarly = ({ failed, textChunks }: Generation) =>
  failed ?? `the long generation ended by itself after ${count(textChunks, 'chunk')}`;

/** By the engine's own counters; null = they cannot be used for it. */
async function askMetrics(
  context: ProbeContext,
  plan: LongPlan,
  before: CountingReading,
): Promise<Finding | null> {
  if (before.running > 0) return ['unknown', 'the server is busy with requests of others'];
  const begun = await begin(context, plan);
  if (isOver(begun)) return ['unknown', endedEarly(begun)];
  // Gauges that are not up to date while it generates will not be afterwards.
  const during = await context.readEngine();
  const seen = begun.tokens();
  await begun.hangUp();
  if ((during?.running ?? 0) < 1) return null;
  const restMs = ((plan.tokens - seen) / plan.tokensPerS) * 1000;
  const untilUs = context.clock.nowUs() + (3 * restMs + 5000) * 1000;
  let quiet = 0;
  let last = before.generationTokens;
  while (context.clock.nowUs() < untilUs && !context.signal.aborted) {
    const now = await context.readEngine();
    if (now?.running == null || now.generationTokens === null) return null;
    // Twice the same: counters may lag behind the gauge.
    quiet = now.running === 0 && now.generationTokens === last ? quiet + 1 : 0;
    last = now.generationTokens;
    if (quiet >= 2) return judgeCounters(plan.tokens, seen, last - before.generationTokens);
    await sleepMs(context.clock, lookEveryMs, context.signal).catch(() => {});
  }
  return ['unknown', `still running by its metrics long after ${plan.tokens} tokens were due`];
}

/**
 * @param asked tokens of the generation that was hung up on
 * @param seen events that had come by then
 * @param made tokens that the engine counts for it in the end
 */
export function judgeCounters(asked: number, seen: number, made: number): Finding {
  const evidence = `hung up after ${seen} of ${asked} tokens; by its metrics ${made} were made and none is running`;
  const more = (made - seen) / Math.max(1, asked - seen);
  if (more <= stoppedShare) return ['yes', evidence];
  return [more >= runOnShare ? 'no' : 'partial', evidence];
}

/** By the time that the next request waits for a slot, with all slots taken before. */
async function askNextRequest(context: ProbeContext, plan: LongPlan): Promise<Finding> {
  const { slots, sizes } = context;
  if (slots === null) {
    return ['unknown', 'neither running requests by metrics nor the number of slots is told'];
  }
  if (slots > sizes.parallel) return ['unknown', `${slots} slots: more than are filled here`];
  const short = { prompt: 'Hello.', maxTokens: 1 };
  const alone = await context.generate(short);
  if (alone.failed !== null) return ['unknown', alone.failed];
  const startUs = context.clock.nowUs();
  const begun = await Promise.all(Array.from({ length: slots }, () => begin(context, plan)));
  const over = begun.find(isOver);
  const underWay = begun.filter(isUnderWay);
  const seen = Math.min(...underWay.map((one) => one.tokens()));
  const spentMs = (context.clock.nowUs() - startUs) / 1000;
  await Promise.all(underWay.map((one) => one.hangUp()));
  if (over !== undefined) return ['unknown', endedEarly(over)];
  const next = await context.generate(short);
  if (next.failed !== null) return ['unknown', `the next request: ${next.failed}`];
  // Prefill is part of what was spent: the rest takes at most so long.
  const restMs = Math.min(
    ((plan.tokens - seen) / plan.tokensPerS) * 1000,
    (spentMs / seen) * (plan.tokens - seen),
  );
  return judgeFreedSlot({
    ...{ slots, restMs, aloneMs: alone.exchange.tookMs, nextMs: next.exchange.tookMs },
  });
}

export interface FreedSlot {
  slots: number;
  /** What was left of the generations, milliseconds. */
  restMs: number;
  /** A short request alone, and right behind the hang-up. */
  aloneMs: number;
  nextMs: number;
}

export function judgeFreedSlot({ slots, restMs, aloneMs, nextMs }: FreedSlot): Finding {
  const waitMs = Math.max(0, nextMs - aloneMs);
  const evidence = `all ${count(slots, 'slot')} taken and hung up on with ${seconds(restMs)} left; the next request waited ${seconds(waitMs)}`;
  if (restMs < shortestRestMs) return ['unknown', `${evidence}: too short to tell`];
  if (waitMs <= freedShare * restMs) return ['yes', evidence];
  return [waitMs >= keptShare * restMs ? 'no' : 'unknown', evidence];
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
