import type { EventLoopFigures } from '../host/index.ts';
import type {
  ClientInfo,
  Environment,
  Finding,
  LevelSummary,
  ModelInfo,
  Selftest,
} from '../model/index.ts';

/** What the engine runs on, as far as this machine can tell. */
export function describeHardware(environment: Environment, local: boolean): string {
  if (!local) return 'unknown (remote endpoint)';
  const { gpus } = environment;
  if (gpus[0] !== undefined) {
    return gpus.length === 1 ? gpus[0].name : `${gpus.length}x ${gpus[0].name}`;
  }
  return `${environment.cpuModel} (${environment.cpuCount} CPUs)`;
}

/** Loopback and this machine's own names: client and server then share its cores. */
export function isLocalUrl(url: string): boolean {
  const { hostname } = new URL(url);
  return /^(localhost|127(\.\d+){3}|\[::1\]|0\.0\.0\.0)$/.test(hostname);
}

export function checkHardware(
  asked: string | null,
  environment: Environment,
  local: boolean,
): Finding[] {
  if (asked === null) return [];
  if (!local) {
    return [
      {
        code: 'hardware-unverified',
        severity: 'info',
        message: `--hardware ${asked} is taken on trust: the endpoint is on another machine.`,
      },
    ];
  }
  const plain = (text: string) => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  const names = environment.gpus.map((gpu) => plain(gpu.name));
  const isCpu = plain(asked) === 'cpu';
  const matches = isCpu
    ? names.length === 0
    : [...names, plain(environment.cpuModel)].some((name) => name.includes(plain(asked)));
  if (matches) return [];
  return [
    {
      code: 'hardware-mismatch',
      severity: 'warning',
      message: `--hardware ${asked}, but this machine has ${describeHardware(environment, true)}.`,
    },
  ];
}

const quantPattern =
  /(?:^|[^a-z0-9])(iq\d_[a-z0-9_]+|q\d(?:_[a-z0-9]+)*|fp8|fp16|bf16|f16|f32|fp32|int8|int4|nvfp4|mxfp4|awq|gptq|w\d+a\d+)(?![a-z0-9])/i;

/** The quantisation that a model id or file name gives away; null when it does not. */
export function quantOfName(name: string | null): string | null {
  return name === null ? null : (quantPattern.exec(name)?.[1]?.toLowerCase() ?? null);
}

export function checkQuant(model: ModelInfo): Finding[] {
  if (model.quantAsked === null) return [];
  if (model.quant === null) {
    return [
      {
        code: 'quant-unverified',
        severity: 'info',
        message: `--quant ${model.quantAsked} is taken on trust: the server does not say what it serves.`,
      },
    ];
  }
  const plain = (text: string) => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  if (plain(model.quantAsked) === plain(model.quant)) return [];
  return [
    {
      code: 'quant-mismatch',
      severity: 'warning',
      message: `--quant ${model.quantAsked}, but what is served is ${model.quant}.`,
    },
  ];
}

export interface ClientFigures {
  loop: EventLoopFigures;
  cpuShare: number | null;
  machineBusyShare: number | null;
}

const worse = { ok: 0, degraded: 1, bottleneck: 2 };

export function describeClient(
  transport: string,
  tokenizer: string | null,
  figures: ClientFigures | null,
  levels: readonly LevelSummary[],
  sharesHost: boolean,
  headline: number | null,
  selftest: Selftest | null,
): ClientInfo {
  const watched = levels.flatMap((level) => (level.client === null ? [] : [level.client]));
  const worst = [...watched].sort((a, b) => worse[b.verdict] - worse[a.verdict])[0];
  const judged = levels.find((level) => level.index === headline)?.client ?? worst ?? null;
  const lags = levels
    .map(
      (level) =>
        level.metrics.values['dispatch_lag_p99_ms'] ?? level.metrics.values['dispatch_lag_max_ms'],
    )
    .filter((lag) => typeof lag === 'number');
  return {
    transport,
    verdict: judged?.verdict ?? null,
    reason: judged?.reason ?? null,
    errorMs: judged?.errorMs ?? null,
    selftest,
    tokenizer,
    eventLoopDelayP99Ms: figures?.loop.p99Ms ?? null,
    eventLoopDelayMaxMs: figures?.loop.maxMs ?? null,
    gcMaxPauseMs: figures?.loop.gcMaxPauseMs ?? null,
    dispatchLagP99Ms: lags.length === 0 ? null : Math.max(...lags),
    cpuShare: figures?.cpuShare ?? null,
    sharesHost,
  };
}

/** Client and engine on one machine: whether that mattered, in figures. */
export function checkSharedHost(
  sharesHost: boolean,
  environment: Environment,
  figures: ClientFigures | null,
): Finding[] {
  if (!sharesHost || figures === null) return [];
  const share = (value: number | null) => (value === null ? '?' : `${Math.round(value * 100)} %`);
  const busy = figures.machineBusyShare;
  const crowded = environment.cpuCount < 2 || (busy !== null && busy > 0.95);
  return [
    {
      code: 'client-shares-host',
      severity: crowded ? 'warning' : 'info',
      message: `client and server share this machine's ${environment.cpuCount} CPUs: the client used ${share(figures.cpuShare)} of one, all together were ${share(busy)} busy${crowded ? '; the two may have slowed each other down, so use another machine for numbers to quote' : ''}.`,
    },
  ];
}
