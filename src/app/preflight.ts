import {
  type ClientTarget,
  limitsOfReply,
  singleTargetsOf,
  type Transport,
} from '../client/index.ts';
import {
  askFirst,
  closesConnections,
  type FirstRequestDeps,
  isRejected,
  rejectedField,
} from '../conform/index.ts';
import { BenchError, type Clock, didYouMean, redactText } from '../core/index.ts';
import { engines } from '../engines/index.ts';
import type { EmitRunEvent, Finding, RequestRecord } from '../model/index.ts';
import { budgetReached, type RunBudget } from './budget/run-budget.ts';
import { leaveLengthsToModel } from './own-lengths.ts';
import { readServerFacts, type ServerFacts } from './server-facts.ts';
import { createTurnWaiter, type TurnWaiter } from './wait-for-turn.ts';

export interface PreflightInput {
  target: ClientTarget;
  api: 'auto' | 'chat' | 'completions';
  /** Conversations will be sent: `auto` tries chat first. Absent: false. */
  prefersChat?: boolean;
  connectionReuse: 'auto' | 'pooled' | 'never';
  /** `raw` asks by that path, as some replies are understood by one alone. Absent: undici. */
  transport?: Transport;
  /** As asked by the user; null = whatever the server lists, when it is one. */
  model: string | null;
  clock: Clock;
  signal: AbortSignal;
  /** Told of waits; absent: nobody is. */
  emit?: EmitRunEvent;
  /** Counts the test requests; absent: nobody does. */
  budget?: RunBudget;
}

export interface Preflight {
  /** The target as it will be driven: API chosen, rejected fields dropped. */
  target: ClientTarget;
  servedModel: string | null;
  facts: ServerFacts;
  /** Response latency of the very first generation, milliseconds; null when none succeeded. */
  firstRequestMs: number | null;
  findings: Finding[];
  /** Limits that the server stated in the headers of its first answer; null = none. */
  limits: Readonly<Record<string, string>> | null;
}

const attemptsOnWobble = 3;
const refusedHint =
  'Is the server running, and is the port right? `bench engine list` shows what bench started.';

/**
 * Finds out, before anything is measured, how the target wants to be asked: model, API, optional
 * fields. What can only be wrong for good (nobody listens, no such model, no access, silence)
 * throws; what may be a mood of the server (a 500, a reset) becomes a finding, and the measurement
 * shows how often.
 *
 * @throws BenchError TARGET_*
 */
export async function runPreflight(input: PreflightInput): Promise<Preflight> {
  const findings: Finding[] = [];
  const models = await readServerFacts(input.target, input.clock, input.signal);
  if (models.reason !== null && models.unreachable) {
    throw new BenchError(
      'TARGET_REFUSED',
      `Nothing answers at ${input.target.url} (${models.reason}).`,
      {
        hint: refusedHint,
      },
    );
  }
  const model = chooseModel(input.model, models, input.target.url);
  if (models.ids !== null && !models.ids.includes(model)) {
    findings.push({
      code: 'model-not-listed',
      severity: 'warning',
      message: `the server lists ${models.ids.join(', ')}, not "${model}"; some servers ignore the name and answer with what they have.`,
    });
  }
  const named = { ...input.target, model };
  const known = engines.list().find(({ id }) => id === models.engine);
  const adapted = known === undefined ? null : leaveLengthsToModel(named, known);
  if (adapted !== null) findings.push(adapted.finding);
  const target = adapted?.target ?? named;
  const candidates: ClientTarget['api'][] =
    input.api !== 'auto'
      ? [input.api]
      : input.prefersChat === true
        ? ['chat', 'completions']
        : ['completions', 'chat'];
  let last: RequestRecord | null = null;
  for (const api of candidates) {
    const attempt = await tryApi({ ...input, target: { ...target, api } }, models, findings);
    if (attempt.kind === 'works') {
      if (api !== candidates[0]) findings.push(otherApi(api, target.url, last));
      await tryReplicas(attempt.target, input, models, findings);
      return {
        target: attempt.target,
        servedModel: models.ids?.includes(model) ? model : (models.ids?.[0] ?? null),
        facts: models,
        firstRequestMs: attempt.firstRequestMs,
        findings,
        limits: attempt.limits,
      };
    }
    last = attempt.record;
  }
  throw new BenchError(
    'TARGET_NO_API',
    `${input.target.url} has neither /completions nor /chat/completions (HTTP ${last?.status}).`,
    { hint: 'Give the base URL of the OpenAI-compatible API, usually ending in /v1.' },
  );
}

/** The first URL has answered; each of the others has to take the same request. */
async function tryReplicas(
  target: ClientTarget,
  input: PreflightInput,
  models: ServerFacts,
  findings: Finding[],
): Promise<void> {
  for (const replica of singleTargetsOf(target).slice(1)) {
    const record = await askFirst(replica, withinBudget(input));
    input.signal.throwIfAborted();
    if (record.outcome === 'ok') continue;
    const fatal = fatalError(record, replica, models);
    if (fatal !== null) throw fatal;
    if (record.status === 404 || record.status === 405) throw noRoute(replica, record);
    if (isRejected(record.status)) throw rejected(record, replica);
    findings.push({
      code: 'preflight-failed',
      severity: 'warning',
      message: `the test request to ${replica.url} failed (${record.outcome}${record.error ? `: ${record.error}` : ''}); measuring all the same.`,
    });
  }
}

function otherApi(api: ClientTarget['api'], url: string, last: RequestRecord | null): Finding {
  if (api === 'completions') {
    return {
      code: 'completions-api',
      severity: 'warning',
      message: `${url} has no /chat/completions (${last?.status}); conversations go out as one text each, without the model's chat template.`,
    };
  }
  return {
    code: 'chat-api',
    severity: 'info',
    message: `${url} has no /completions (${last?.status}); the chat API is driven, so part of each prompt is the server's chat template.`,
  };
}

type Attempt =
  | {
      kind: 'works';
      target: ClientTarget;
      firstRequestMs: number | null;
      limits: Preflight['limits'];
    }
  | { kind: 'no-route'; record: RequestRecord };

async function tryApi(
  input: PreflightInput,
  models: ServerFacts,
  findings: Finding[],
): Promise<Attempt> {
  let target: ClientTarget = { ...input.target, continuousUsage: true };
  let wobbles = 0;
  const { clock, signal, emit = () => {} } = input;
  const turn = createTurnWaiter({ url: redactText(target.url), clock, signal, emit });
  for (;;) {
    const record = await askFirst(target, withinBudget(input));
    input.signal.throwIfAborted();
    if (record.outcome === 'ok') {
      if (record.tokenSource !== 'continuous-usage') target = { ...target, continuousUsage: false };
      const firstRequestMs = (record.endUs - record.intendedUs) / 1000;
      target = { ...target, droppedFields: kept(target) };
      if (
        input.connectionReuse === 'auto' &&
        (await closesConnections(target, withinBudget(input))) === true
      ) {
        target = { ...target, connectionReuse: 'never' };
        findings.push({
          code: 'server-closes-connections',
          severity: 'info',
          message:
            'the server closes its connection after each stream, although it does not say so; every request opens its own, as part of its response latency (--connection-reuse).',
        });
      }
      if (turn.refusal !== null) findings.push(waitedFinding(turn));
      const limits = limitsOfReply(record)?.headers ?? null;
      const stated = limits === null || Object.keys(limits).length === 0 ? null : limits;
      if (stated !== null) findings.push(limitsFinding(stated));
      return { kind: 'works', target, firstRequestMs, limits: stated };
    }
    if (record.status === 404 || record.status === 405) {
      if (record.outcome !== 'model_not_found') {
        if (input.api === 'auto') return { kind: 'no-route', record };
        throw noRoute(target, record);
      }
    }
    const fatal = fatalError(record, target, models);
    if (fatal !== null) throw fatal;
    if (isRejected(record.status)) {
      const field = rejectedField(record, target);
      if (field === null) throw rejected(record, target);
      target = { ...target, droppedFields: [...target.droppedFields, field] };
      if (field !== 'stream_options.continuous_usage_stats') {
        findings.push({
          code: 'field-dropped',
          severity: field === 'min_tokens' ? 'warning' : 'info',
          message: `the server rejects ${field} (${replyOf(record)}); it is left out${consequenceOf(field)}.`,
        });
      }
      continue;
    }
    if (await turn.wait(record)) continue;
    wobbles += 1;
    if (wobbles < attemptsOnWobble) continue;
    findings.push({
      code: 'preflight-failed',
      severity: 'warning',
      message: `${attemptsOnWobble} test requests failed (last: ${record.outcome}${record.error ? `: ${record.error}` : ''}); measuring all the same.`,
    });
    return {
      kind: 'works',
      target: { ...target, continuousUsage: false },
      firstRequestMs: null,
      limits: null,
    };
  }
}

function waitedFinding({ waitedS, refusal }: TurnWaiter): Finding {
  return {
    code: 'preflight-limited',
    severity: 'warning',
    message: `the server refused the first test requests (${refusal}); waited ${waitedS} s before it took one. Other callers may share its limit.`,
  };
}

function limitsFinding(limits: Readonly<Record<string, string>>): Finding {
  const said = Object.entries(limits).map(([name, value]) => `${name}: ${value}`);
  return {
    code: 'server-states-limits',
    severity: 'info',
    message: `the server states limits (${said.join(', ')}); what goes beyond them is refused with HTTP 429 (rate_limited) and measures the limit, not the model.`,
  };
}

function consequenceOf(field: string): string {
  if (field === 'ignore_eos') return ', and min_tokens is asked for instead';
  return field === 'min_tokens' ? ', so output lengths are the model’s own' : '';
}

/** A continuous-usage flag that was dropped is simply not asked for: nothing to report. */
const kept = (target: ClientTarget) =>
  target.droppedFields.filter(
    (field) => field !== 'stream_options.continuous_usage_stats' || target.continuousUsage,
  );

/** Tokens of a test request at most, whatever the chat template adds. */
const mostOfTest = { input: 64, output: 4 };

/** Asks as long as the budget allows it, and counts what it cost. */
function withinBudget(input: PreflightInput): FirstRequestDeps {
  const { budget } = input;
  return {
    ...input,
    beforeSend() {
      if (budget?.admits(mostOfTest) === false) throw budgetReached(budget);
    },
    afterSend: (record) => budget?.count(record),
  };
}

function chooseModel(asked: string | null, models: ServerFacts, url: string): string {
  if (asked !== null) return asked;
  if (models.ids?.length === 1 && models.ids[0] !== undefined) return models.ids[0];
  if (models.ids === null) {
    if (models.silent) throw silent(`${url} gives no list of models: ${models.reason}.`);
    if (/^HTTP 40[13]\b/.test(models.reason ?? '')) throw unauthorized(url, models.reason ?? '');
    throw new BenchError(
      'TARGET_MODELS_UNKNOWN',
      `${url} does not say which models it serves (${models.reason ?? 'no list'}).`,
      { hint: 'Name the model with --model.' },
    );
  }
  throw new BenchError(
    'USAGE_NO_MODEL',
    `${url} serves ${models.ids.length} models; --model is needed.`,
    { hint: `It lists: ${models.ids.join(', ')}` },
  );
}

function fatalError(
  record: RequestRecord,
  target: ClientTarget,
  models: ServerFacts,
): BenchError | null {
  const said = record.error === null ? '' : ` (${record.error})`;
  switch (record.outcome) {
    case 'refused':
      return new BenchError('TARGET_REFUSED', `Nothing answers at ${target.url}${said}.`, {
        hint: refusedHint,
      });
    case 'connect_timeout':
      return new BenchError(
        'TARGET_CONNECT_TIMEOUT',
        `${target.url} took longer than ${target.timeouts.connectMs / 1000} s to accept a connection.`,
        { hint: 'Check host and port; raise --connect-timeout for a slow network.' },
      );
    case 'model_not_found':
      return new BenchError(
        'TARGET_MODEL_NOT_FOUND',
        `The server does not have the model "${target.model}"${said}.${didYouMean(target.model, models.ids ?? [])}`,
        {
          hint:
            models.ids === null
              ? 'Ask it for its models: GET /v1/models.'
              : `It lists: ${models.ids.join(', ')}`,
        },
      );
    case 'timeout':
    case 'first_token_timeout':
      return silent(
        `${target.url} accepted a small request and did not finish it within ${target.timeouts.totalMs / 1000} s.`,
      );
    case 'cancelled':
      return new BenchError('INTERRUPTED', 'Interrupted during preflight.');
    default:
      break;
  }
  if (record.status === 401 || record.status === 403) {
    return unauthorized(target.url, replyOf(record));
  }
  return null;
}

/** The record's error of an HTTP failure begins with its status; some servers say no more. */
const replyOf = (record: RequestRecord) => record.error ?? `HTTP ${record.status}`;

const silent = (message: string) =>
  new BenchError('TARGET_SILENT', message, {
    hint: 'Look at the server’s log; raise --request-timeout when it is just slow.',
  });

function unauthorized(url: string, said: string): BenchError {
  return new BenchError('TARGET_UNAUTHORIZED', `${url} refuses access: ${said}.`, {
    hint: 'Set BENCH_API_KEY, or name the variable that holds the key: --api-key-env NAME.',
  });
}

function noRoute(target: ClientTarget, record: RequestRecord): BenchError {
  const path = target.api === 'chat' ? '/chat/completions' : '/completions';
  return new BenchError(
    'TARGET_NO_API',
    `${target.url}${path} does not exist (HTTP ${record.status}).`,
    {
      hint: 'Check the base URL (usually ending in /v1), or try the other --api.',
    },
  );
}

function rejected(record: RequestRecord, target: ClientTarget): BenchError {
  return new BenchError(
    'TARGET_REJECTS_REQUEST',
    `${target.url} rejects a minimal request: ${replyOf(record)}.`,
    { hint: 'Set what it asks for with --extra-body or --header.' },
  );
}
