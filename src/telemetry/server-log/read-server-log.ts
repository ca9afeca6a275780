/** What a server's log says of one request; null where it does not say. */
export interface ServerLogEntry {
  requestId: string;
  queueMs: number | null;
  ttftMs: number | null;
  e2eMs: number | null;
}

type Times = Omit<ServerLogEntry, 'requestId'>;

/** Words and ids: engines put what they like around an id, but not these. */
const word = /[\w.-]+/g;
/** `ttft_ms=12.5`, `"ttft_ms": 12.5`. */
const timePattern = /\b(queue|ttft|e2e)_ms["']?\s*[=:]\s*(\d+(?:\.\d+)?(?:e[+-]?\d+)?)/gi;

/** vLLM's attributes of a span, seconds: vllm/tracing, SpanAttributes. */
const spanTimes: Readonly<Record<string, keyof Times>> = {
  'gen_ai.latency.time_in_queue': 'queueMs',
  'gen_ai.latency.time_to_first_token': 'ttftMs',
  'gen_ai.latency.e2e': 'e2eMs',
};

/**
 * The requests of a run in a server's log: lines that hold their id (`x-request-id`), alone or as
 * vLLM writes it (`chatcmpl-ID`, `cmpl-ID-0`), with times where they stand as `ttft_ms=12.5`; and
 * lines of OTLP JSON, as a collector writes vLLM's traces to a file. Of times that a log gives twice
 * the last counts.
 *
 * @param ids of the run's requests
 */
export async function readServerLog(
  lines: Iterable<string> | AsyncIterable<string>,
  ids: ReadonlySet<string>,
): Promise<Map<string, ServerLogEntry>> {
  const entries = new Map<string, ServerLogEntry>();
  const add = (requestId: string, times: Partial<Times>) => {
    const before = entries.get(requestId) ?? nothing(requestId);
    entries.set(requestId, { ...before, ...times });
  };
  for await (const line of lines) {
    const spans = line.includes('resourceSpans') ? spansOf(line) : null;
    if (spans !== null) {
      for (const { id, times } of spans) {
        const requestId = requestIdOf(id, ids);
        if (requestId !== null) add(requestId, times);
      }
      continue;
    }
    const requestId = firstIdIn(line, ids);
    if (requestId !== null) add(requestId, timesIn(line));
  }
  return entries;
}

const nothing = (requestId: string): ServerLogEntry => ({
  ...{ requestId, queueMs: null, ttftMs: null, e2eMs: null },
});

function firstIdIn(line: string, ids: ReadonlySet<string>): string | null {
  for (const [text] of line.matchAll(word)) {
    const requestId = requestIdOf(text, ids);
    if (requestId !== null) return requestId;
  }
  return null;
}

/** vLLM puts the kind of API in front of an id, and a number, later also a random part, behind it. */
function requestIdOf(text: string, ids: ReadonlySet<string>): string | null {
  let rest = text.replace(/[.]+$/, '');
  if (ids.has(rest)) return rest;
  if (!/^(chat)?cmpl-/.test(rest)) return null;
  rest = rest.replace(/^(chat)?cmpl-/, '');
  for (;;) {
    if (ids.has(rest)) return rest;
    const cut = rest.lastIndexOf('-');
    if (cut <= 0) return null;
    rest = rest.slice(0, cut);
  }
}

function timesIn(line: string): Partial<Times> {
  const times: Partial<Times> = {};
  for (const [, name = '', number] of line.matchAll(timePattern)) {
    times[`${name.toLowerCase()}Ms` as keyof Times] = Number(number);
  }
  return times;
}

interface Attribute {
  key?: string;
  value?: { stringValue?: string; doubleValue?: number; intValue?: string | number };
}

interface Traces {
  resourceSpans?: { scopeSpans?: { spans?: { attributes?: Attribute[] }[] }[] }[];
}

function spansOf(line: string): { id: string; times: Partial<Times> }[] | null {
  const traces = parse(line);
  if (traces?.resourceSpans === undefined) return null;
  const spans = traces.resourceSpans
    .flatMap(({ scopeSpans = [] }) => scopeSpans)
    .flatMap((scope) => scope.spans ?? []);
  return spans.flatMap(({ attributes = [] }) => {
    const id = attributes.find(({ key }) => key === 'gen_ai.request.id')?.value?.stringValue;
    if (id === undefined) return [];
    const times: Partial<Times> = {};
    for (const { key = '', value } of attributes) {
      const name = spanTimes[key];
      const seconds = Number(value?.doubleValue ?? value?.intValue);
      if (name !== undefined && Number.isFinite(seconds)) times[name] = 1000 * seconds;
    }
    return [{ id, times }];
  });
}

function parse(line: string): Traces | null {
  try {
    return JSON.parse(line) as Traces | null;
  } catch {
    return null;
  }
}
