import { isJsonObject, parseJson } from '../../client/index.ts';
import { contentType, endWords, shapeOfText } from '../generation.ts';
import type { Probe, ProbeContext, ReportRow } from '../probe.ts';

/** Where servers say that they are well, the likeliest first. */
const healthPaths = ['/health', '/healthz', '/v1/health/ready', '/ping'];
const metricsPaths = ['/metrics', '/prometheus/metrics'];
const pageTimeoutMs = 10_000;

/** Pages beside the API. */
export const pagesProbe: Probe = {
  id: 'page',
  rows: [
    {
      id: 'page.models',
      title: 'List of models',
      asked: 'GET {base}/models',
      means: {
        yes: 'The model need not be named, and a wrong name is noticed before the run.',
        partial: 'The model has to be named, and whether the name is right shows only in replies.',
        no: 'The model has to be named with --model.',
      },
    },
    {
      id: 'page.health',
      title: 'Health page',
      asked: `GET ${healthPaths.join(', ')}`,
      means: {
        yes: 'Readiness can be awaited without generating.',
        no: 'Only a generation tells whether it is ready.',
      },
    },
    {
      id: 'page.metrics',
      title: 'Metrics page',
      asked: `GET ${metricsPaths.join(', ')}`,
      means: {
        yes: 'Queue, cache and the engine’s own times stand beside the client’s.',
        partial: 'There is a page, of metrics that bench does not know: no engine figures.',
        no: 'No engine figures; the client’s view is all there is.',
      },
    },
  ],
  async run(context, report) {
    await askModels(context, report);
    await askHealth(context, report);
    await askMetrics(context, report);
  },
};

const get = (context: ProbeContext, path: string) =>
  context.exchange({ method: 'GET', path, timeoutMs: pageTimeoutMs, maxBytes: 8 * 1024 * 1024 });

async function askModels(context: ProbeContext, report: ReportRow): Promise<void> {
  const reply = await get(context, `${context.basePath}/models`);
  if (context.signal.aborted) return;
  const id = 'page.models';
  if (reply.status === null || reply.end !== 'complete') {
    return report(id, 'error', endWords(reply));
  }
  const json = parseJson(reply.body);
  const data = isJsonObject(json) ? json['data'] : undefined;
  const evidence = `HTTP ${reply.status}`;
  if (reply.status >= 500) return report(id, 'error', `${evidence}, ${shapeOfText(reply.body)}`);
  if (reply.status !== 200 || !Array.isArray(data)) {
    return report(id, 'no', `${evidence}, ${shapeOfText(reply.body)}`);
  }
  const ids = data.filter(isJsonObject).map((model) => model['id']);
  const listed = ids.includes(context.model);
  const what = `${ids.length} ${ids.length === 1 ? 'model' : 'models'}`;
  report(
    id,
    listed ? 'yes' : 'partial',
    `${evidence}, ${what}, the one asked for is ${listed ? 'among them' : 'not among them'}`,
  );
}

async function askHealth(context: ProbeContext, report: ReportRow): Promise<void> {
  const tried: string[] = [];
  for (const path of healthPaths) {
    const reply = await get(context, path);
    if (context.signal.aborted) return;
    if (reply.status === 200) return report('page.health', 'yes', `GET ${path}: HTTP 200`);
    tried.push(`${path}: ${reply.status === null ? endWords(reply) : `HTTP ${reply.status}`}`);
  }
  report('page.health', 'no', tried.join('; '));
}

async function askMetrics(context: ProbeContext, report: ReportRow): Promise<void> {
  if ((await context.readEngine()) !== null) {
    if (context.signal.aborted) return;
    return report('page.metrics', 'yes', 'a page whose metrics are known here');
  }
  const tried: string[] = [];
  for (const path of metricsPaths) {
    const reply = await get(context, path);
    if (context.signal.aborted) return;
    // A sample of the Prometheus text format.
    const samples = reply.body.match(/^[A-Za-z_:][\w:]*(\{.*\})? [-+0-9.eEInfNa]+$/gm) ?? [];
    if (reply.status === 200 && samples.length > 0) {
      return report(
        'page.metrics',
        'partial',
        `GET ${path}: HTTP 200, ${samples.length} samples, of no engine that is known here`,
      );
    }
    const what = reply.status === 200 ? `, no page of metrics (${contentType(reply)})` : '';
    const said = reply.status === null ? endWords(reply) : `HTTP ${reply.status}${what}`;
    tried.push(`${path}: ${said}`);
  }
  report('page.metrics', 'no', tried.join('; '));
}
