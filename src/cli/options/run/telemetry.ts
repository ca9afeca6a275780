import type { TelemetrySettings } from '../../../app/index.ts';
import { oneOf, parseBoolean, parseUrl, parseUrls } from '../option.ts';
import type { OptionTable } from '../resolve.ts';

const group = 'Telemetry';
const powerChoices = ['auto', 'nvidia', 'rapl', 'amd', 'apple', 'none'] as const;

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
  power: {
    flags: '--power <probe>',
    group,
    description:
      'what reads the power of this machine; one that is named has to work (exit 3); amd and apple are not implemented',
    choices: [...powerChoices],
    parse: oneOf(powerChoices),
    default: 'auto',
    defaultText: 'auto',
  },
};
