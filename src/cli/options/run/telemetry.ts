import type { TelemetrySettings } from '../../../app/index.ts';
import { parseBoolean, parseUrl, parseUrls } from '../option.ts';
import type { OptionTable } from '../resolve.ts';

const group = 'Telemetry';

export const telemetryOptions: OptionTable<TelemetrySettings> = {
  metricsUrl: {
    flags: '--metrics-url <url>',
    group,
    description:
      "Prometheus page of the engine (default: /metrics beside the endpoint); once for each of the server's parts",
    repeatable: true,
    parse: parseUrls,
    default: [],
  },
  engineMetrics: {
    flags: '--no-engine-metrics',
    group,
    description: "do not read the engine's own metrics during the run",
    parse: parseBoolean,
    default: true,
  },
  dcgmUrl: {
    flags: '--dcgm-url <url>',
    group,
    description:
      "page of a dcgm-exporter on the serving machine, for its GPUs' power (http://NODE:9400/metrics)",
    parse: parseUrl,
    default: null,
  },
};
