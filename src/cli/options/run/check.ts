import type { RunSettings } from '../../../app/index.ts';
import { BenchError } from '../../../core/index.ts';
import { checkHeaders } from './check-headers.ts';

/**
 * Combinations that cannot mean anything; each error says what to write instead.
 *
 * @param given keys of the settings that the user gave, by flag or config file
 * @throws BenchError USAGE_*
 */
export function checkRunSettings(settings: RunSettings, given: ReadonlySet<string>): void {
  checkTarget(settings, given);
  checkHeaders(settings.header);
  checkLoad(settings, given);
  checkSearch(settings, given);
  checkOutput(settings, given);
  checkTelemetry(settings);
  checkPrices(settings, given);
}

function checkTarget(settings: RunSettings, given: ReadonlySet<string>): void {
  if (settings.engine !== null && settings.endpoint !== null) {
    throw new BenchError('USAGE_CONFLICT', '--engine and --endpoint exclude each other.', {
      hint: 'An engine is started here; an endpoint already runs. Give one of them.',
    });
  }
  if (settings.engine === null && settings.endpoint === null) {
    throw new BenchError('USAGE_NO_TARGET', 'Nothing to measure: no --engine and no --endpoint.', {
      hint: 'Try: bench run llm.inference --engine llama.cpp --model smollm2-135m\n  or: bench run llm.inference --endpoint http://localhost:8000/v1 --model NAME',
    });
  }
  if (settings.replica.length > 0 && settings.endpoint === null) {
    throw new BenchError('USAGE_CONFLICT', '--replica needs --endpoint.', {
      hint: 'Give the first URL as --endpoint and the others as --replica.',
    });
  }
  if (given.has('balance') && settings.replica.length === 0) {
    throw new BenchError('USAGE_CONFLICT', '--balance has nothing to share out: one URL.', {
      hint: 'Give the further URLs as --replica.',
    });
  }
  const urls = [settings.endpoint ?? 'http:', ...settings.replica];
  const plain = urls.find((url) => /^http:/i.test(url));
  if (settings.http2 && plain !== undefined) {
    const what = settings.endpoint === null ? 'an engine that is started here' : plain;
    throw new BenchError('USAGE_CONFLICT', `--http2 needs https: ${what} speaks HTTP/1.1.`, {
      hint: 'Leave --http2 out, or give the https URL of the server.',
    });
  }
}

function checkLoad(settings: RunSettings, given: ReadonlySet<string>): void {
  const { rate, concurrency, maxConcurrency, sweep } = settings;
  if (sweep !== null && (rate ?? concurrency) !== null) {
    const other = rate === null ? '--concurrency' : '--rate';
    throw new BenchError('USAGE_CONFLICT', `--sweep and ${other} exclude each other.`, {
      hint: 'A sweep chooses its rates itself.',
    });
  }
  if (rate !== null && concurrency !== null) {
    throw new BenchError('USAGE_CONFLICT', '--rate and --concurrency exclude each other.', {
      hint: '--concurrency finds the rates itself; to cap requests in flight at a rate use --max-concurrency.',
    });
  }
  if ((rate ?? concurrency ?? sweep) !== null && (maxConcurrency?.length ?? 0) > 1) {
    throw new BenchError(
      'USAGE_CONFLICT',
      `--max-concurrency ${maxConcurrency?.join(',')}: with a rate only one cap is possible.`,
      { hint: 'Give one number, or leave the rate out for closed-loop levels.' },
    );
  }
  const open = rate !== null || concurrency !== null || sweep !== null;
  if (!open && maxConcurrency !== null && given.has('arrival')) {
    throw new BenchError(
      'USAGE_CONFLICT',
      `--arrival ${settings.arrival}: a closed loop (--max-concurrency alone) has no arrivals.`,
      { hint: 'Add --rate for an open loop with a cap, or leave --arrival out.' },
    );
  }
  const noLoad = !open && maxConcurrency === null;
  if (noLoad && (settings.requests !== null || settings.duration !== null)) {
    throw new BenchError('USAGE_NO_LOAD', '--requests and --duration need a load.', {
      hint: 'Add --rate, --concurrency, --max-concurrency or --sweep; without a load `run` sizes a quick look by --time-budget.',
    });
  }
  if (!noLoad && given.has('timeBudget')) {
    throw new BenchError('USAGE_CONFLICT', '--time-budget is of the quick look, without a load.', {
      hint: 'Leave it out, or leave the load out; --duration is the length of a level.',
    });
  }
}

function checkSearch(settings: RunSettings, given: ReadonlySet<string>): void {
  const { sweep, rate, concurrency, maxConcurrency } = settings;
  for (const key of ['maxLevelDuration', 'maxProbes'] as const) {
    if (!given.has(key) || sweep === 'auto') continue;
    const flag = key === 'maxProbes' ? '--max-probes' : '--max-level-duration';
    throw new BenchError('USAGE_CONFLICT', `${flag} is of --sweep auto.`);
  }
  if (settings.sustained !== null && sweep === null && rate === null) {
    throw new BenchError('USAGE_CONFLICT', '--sustained needs rates to choose from.', {
      hint: 'Add --sweep auto, --sweep article or --rate.',
    });
  }
  if (settings.launches > 1 && settings.engine === null) {
    throw new BenchError(
      'USAGE_CONFLICT',
      `--launches ${settings.launches}: a running endpoint cannot be started anew from here.`,
      {
        hint: 'Give --engine; or restart the server yourself, run again with another --seed, and compare the results with `bench compare`.',
      },
    );
  }
  const load = rate ?? concurrency ?? maxConcurrency ?? sweep;
  if (settings.launches > 1 && load === null) {
    throw new BenchError('USAGE_NO_LOAD', '--launches needs a load: a quick look is too short.', {
      hint: 'Add --sweep auto or --rate.',
    });
  }
}

function checkOutput(settings: RunSettings, given: ReadonlySet<string>): void {
  if (settings.saveResult) return;
  const flags = { saveDetailed: '--save-detailed', resultDir: '--result-dir', label: '--label' };
  for (const [key, flag] of Object.entries(flags)) {
    if (!given.has(key)) continue;
    throw new BenchError('USAGE_CONFLICT', `${flag} needs --save-result.`, {
      hint: 'Add --save-result to write `vllm bench serve` JSON files.',
    });
  }
}

function checkTelemetry({ metricsUrl, engineMetrics, power, dcgmUrl }: RunSettings): void {
  if (power === 'amd' || power === 'apple') {
    const gpus = power === 'amd' ? 'AMD' : 'Apple';
    throw new BenchError(
      'PREREQ_POWER',
      `--power ${power}: reading the power of ${gpus} GPUs is not implemented.`,
      { hint: 'Leave --power out: the report then says that power was not measured, and why.' },
    );
  }
  if (power !== 'auto' && dcgmUrl !== null) {
    throw new BenchError('USAGE_CONFLICT', '--power and --dcgm-url exclude each other.', {
      hint: 'The exporter at --dcgm-url is read for the power. Leave one of them out.',
    });
  }
  if (engineMetrics || metricsUrl.length === 0) return;
  throw new BenchError(
    'USAGE_CONFLICT',
    '--metrics-url and --no-engine-metrics exclude each other.',
    {
      hint: 'Leave one of them out.',
    },
  );
}

function checkPrices(settings: RunSettings, given: ReadonlySet<string>): void {
  const { priceInput, priceOutput, pricePerHour } = settings;
  if ((priceInput === null) !== (priceOutput === null)) {
    const lacks = priceInput === null ? '--price-input' : '--price-output';
    throw new BenchError(
      'USAGE_CONFLICT',
      `${lacks} is missing: tokens have a price of each kind.`,
      {
        hint: 'Give --price-input and --price-output, USD per million tokens.',
      },
    );
  }
  if (priceInput !== null && pricePerHour !== null) {
    throw new BenchError(
      'USAGE_CONFLICT',
      '--price-input and --price-per-hour exclude each other.',
      {
        hint: 'Tokens are paid for, or the hardware by the hour. Give one of them.',
      },
    );
  }
  if (given.has('apiKey') && given.has('apiKeyEnv')) {
    throw new BenchError('USAGE_CONFLICT', '--api-key and --api-key-env exclude each other.', {
      hint: 'Leave --api-key out.',
    });
  }
}
