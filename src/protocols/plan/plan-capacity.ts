import { BenchError } from '../../core/index.ts';
import type {
  CapacityPlan,
  Envelope,
  Finding,
  LevelSummary,
  PlanRow,
  Price,
} from '../../model/index.ts';
import { maxRatesOf } from './max-rates.ts';

export interface PlanOptions {
  targetRps: number;
  headroomShare: number;
  /** Null: as the result's system says. */
  gpusPerInstance: number | null;
  /** Of one instance or of tokens; null = unknown. */
  price: Price | null;
  /** Mean tokens of the requests to plan for; null = as measured. */
  inputTokens: number | null;
  outputTokens: number | null;
}

/** A plan is refused for requests whose mean lengths differ by more. */
const lengthTolerance = 0.1;

/**
 * Instances for a target rate: ceil(target x (1 + headroom) / maximum rate of one), from the point
 * estimate of that maximum and from its lower bound. Requests are taken to be shared out evenly, and
 * to be like those that were measured.
 *
 * @param envelope levels judged by `slos`
 * @throws BenchError RESULT_QUICK_LOOK, RESULT_NO_SLO, RESULT_NO_MAX_RATE, SLO_NEVER_MET,
 * SLO_NOT_SUSTAINED, USAGE_PLAN_LENGTHS
 */
export function planCapacity(envelope: Envelope, options: PlanOptions): CapacityPlan {
  const { targetRps, headroomShare, price } = options;
  if (envelope.quickLook) {
    throw new BenchError(
      'RESULT_QUICK_LOOK',
      `Result ${envelope.runId} is a quick look: a handful of requests tells no maximum rate.`,
      { hint: 'Measure with --sweep auto --slo-template llm.standard --sustained.' },
    );
  }
  const slos = envelope.slos ?? (envelope.slo === null ? [] : [envelope.slo]);
  if (slos.length === 0) {
    throw new BenchError(
      'RESULT_NO_SLO',
      `Result ${envelope.runId} was measured without an SLO: a rate without a latency plans nothing.`,
      {
        hint: 'Give one here (--slo-template llm.standard, or --slo ttft=500,tpot=50): it is judged from the records.',
      },
    );
  }
  const { criterion, point, lower, findings } = maxRatesOf(envelope.levels, slos);
  const level = envelope.levels.find(({ index }) => index === point.level) ?? null;
  const tokensPerRequest = meanTokens(level);
  checkLengths(tokensPerRequest, options);
  const gpusPerInstance = options.gpusPerInstance ?? envelope.system?.gpuCount.value ?? null;
  const rowOf = (basis: PlanRow['basis'], headroom: number): PlanRow => {
    const rateRps = basis === 'point' ? point.rateRps : lower.rateRps;
    const instances = rateRps === null ? null : instancesFor(targetRps, headroom, rateRps);
    const usdPerHour = hourlyCost(price, instances, targetRps, tokensPerRequest);
    return {
      basis,
      headroomShare: headroom,
      instances,
      gpus: instances === null || gpusPerInstance === null ? null : instances * gpusPerInstance,
      rateEachRps: instances === null ? null : targetRps / instances,
      usdPerHour,
      usdPerMillionTokens: perMillion(usdPerHour, targetRps, tokensPerRequest),
    };
  };
  const headrooms = headroomShare === 0 ? [0] : [0, headroomShare];
  return {
    schema: 'inferencebench.plan.v1',
    runId: envelope.runId,
    targetRps,
    headroomShare,
    criterion,
    maxRate: { point, lower },
    gpusPerInstance,
    tokensPerRequest,
    price,
    rows: (['point', 'lower'] as const).flatMap((basis) => headrooms.map((h) => rowOf(basis, h))),
    findings: [...findings, ...assumptions(envelope, options, tokensPerRequest, gpusPerInstance)],
  };
}

/** Rounded up, but not for the last digit of a division: 132 / 22 is 6, whatever 1.2 x 110 is. */
export function instancesFor(targetRps: number, headroomShare: number, rateRps: number): number {
  return Math.max(1, Math.ceil(((targetRps * (1 + headroomShare)) / rateRps) * (1 - 1e-12)));
}

type Tokens = CapacityPlan['tokensPerRequest'];

function meanTokens(level: LevelSummary | null): Tokens {
  const values = level?.metrics.values ?? {};
  const n = values['requests_ok'];
  const mean = (total: unknown) =>
    typeof total === 'number' && typeof n === 'number' && n > 0 ? total / n : null;
  return {
    input: mean(values['input_tokens_total']),
    output: mean(values['output_tokens_total']),
  };
}

function checkLengths(measured: Tokens, { inputTokens, outputTokens }: PlanOptions): void {
  const pairs = [
    ['--input-tokens', inputTokens, measured.input],
    ['--output-tokens', outputTokens, measured.output],
  ] as const;
  for (const [flag, wanted, mean] of pairs) {
    if (wanted === null) continue;
    if (mean !== null && Math.abs(wanted / mean - 1) <= lengthTolerance) continue;
    const was = mean === null ? 'unknown' : String(Math.round(mean));
    throw new BenchError(
      'USAGE_PLAN_LENGTHS',
      `${flag} ${wanted}, but the mean of the requests that were measured is ${was}: their maximum rate says nothing about yours.`,
      { hint: `Measure requests like yours: bench run ... ${flag} ${wanted}.` },
    );
  }
}

function hourlyCost(
  price: Price | null,
  instances: number | null,
  targetRps: number,
  { input, output }: Tokens,
): number | null {
  if (price === null) return null;
  if (price.kind === 'instance') return instances === null ? null : instances * price.usdPerHour;
  if (input === null || output === null) return null;
  const each = input * price.usdPerMillionInput + output * price.usdPerMillionOutput;
  return (targetRps * 3600 * each) / 1e6;
}

function perMillion(
  usdPerHour: number | null,
  targetRps: number,
  { input, output }: Tokens,
): number | null {
  const tokens = input === null || output === null ? 0 : (input + output) * targetRps * 3600;
  return usdPerHour === null || tokens <= 0 ? null : (usdPerHour / tokens) * 1e6;
}

/** What the plan takes for granted, said so. */
function assumptions(
  { method, command, status }: Envelope,
  { inputTokens, outputTokens }: PlanOptions,
  { input, output }: Tokens,
  gpusPerInstance: number | null,
): Finding[] {
  const findings: Finding[] = [];
  const replicas = command.resolved['replica'];
  const urls = Array.isArray(replicas) ? replicas.length + 1 : 1;
  const tokens = (mean: number | null) =>
    mean === null ? 'an unknown number of' : Math.round(mean);
  if (status !== 'complete') {
    findings.push({
      code: 'plan-partial',
      severity: 'warning',
      message: `the run is ${status}: rates that it did not get to are missing.`,
    });
  }
  if ((method?.launches.length ?? 0) <= 1) {
    findings.push({
      code: 'plan-one-launch',
      severity: 'warning',
      message:
        'one start of the server was measured, and starts differ: --launches 3 (with --engine), or several results.',
    });
  }
  if (inputTokens === null || outputTokens === null) {
    findings.push({
      code: 'plan-lengths',
      severity: 'info',
      message: `holds for requests like those measured: ${tokens(input)} tokens in and ${tokens(output)} out on average. Give yours with --input-tokens and --output-tokens to have that checked.`,
    });
  }
  if (urls > 1) {
    findings.push({
      code: 'plan-replicas',
      severity: 'info',
      message: `an instance here is all ${urls} replicas that were measured together.`,
    });
  }
  if (gpusPerInstance === null) {
    findings.push({
      code: 'plan-gpus-unknown',
      severity: 'info',
      message: 'GPUs of an instance are not known: --gpus-per-instance.',
    });
  }
  return findings;
}
