/** One line of a metrics page. */
export interface ExpositionSample {
  name: string;
  labels: ReadonlyMap<string, string>;
  value: number;
  /** Name and labels as the page writes them: tells series apart. */
  series: string;
}

export interface Exposition {
  samples: ExpositionSample[];
  /** Lines that are neither a comment nor a sample. */
  unreadLines: number;
}

const samplePattern =
  /^([A-Za-z_:][\w:.]*)\s*(?:\{(.*)\})?\s+([+-]?(?:\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|inf|infinity)|nan)(?:\s+[+-]?\d+(?:\.\d+)?)?$/is;
const labelPattern = /\s*([A-Za-z_][\w.]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(,|$)/sy;

/**
 * Reads the Prometheus text format 0.0.4, and of OpenMetrics 1.0 what differs in samples (exemplars,
 * `# EOF`). Tolerant: a line that cannot be read is counted and left out, and the rest stands.
 *
 * Source: Prometheus documentation, "Exposition formats"; OpenMetrics specification 1.0.
 */
export function parseExposition(text: string): Exposition {
  const samples: ExpositionSample[] = [];
  let unreadLines = 0;
  for (const line of text.split('\n')) {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const sample = parseSample(trimmed);
    if (sample === null) unreadLines++;
    else samples.push(sample);
  }
  return { samples, unreadLines };
}

function parseSample(line: string): ExpositionSample | null {
  const match = samplePattern.exec(withoutExemplar(line));
  if (match === null) return null;
  const [, name = '', inBraces, number = ''] = match;
  const labels = parseLabels(inBraces ?? '');
  if (labels === null) return null;
  const series = inBraces === undefined ? name : `${name}{${inBraces}}`;
  return { name, labels, value: toNumber(number), series };
}

/** OpenMetrics puts ` # {trace_id="..."} 0.5` behind a sample. Quoted text may hold a `#` as well. */
function withoutExemplar(line: string): string {
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    const char = line[i];
    if (quoted && char === '\\') i++;
    else if (char === '"') quoted = !quoted;
    else if (!quoted && char === '#') return line.slice(0, i).trimEnd();
  }
  return line;
}

function parseLabels(text: string): Map<string, string> | null {
  const labels = new Map<string, string>();
  labelPattern.lastIndex = 0;
  while (labelPattern.lastIndex < text.length) {
    if (text.slice(labelPattern.lastIndex).trim() === '') return labels;
    const match = labelPattern.exec(text);
    if (match === null) return null;
    const [, name = '', value = ''] = match;
    labels.set(name, unescape(value));
  }
  return labels;
}

function unescape(value: string): string {
  if (!value.includes('\\')) return value;
  return value.replaceAll(/\\(.)/gs, (_, char: string) => (char === 'n' ? '\n' : char));
}

function toNumber(text: string): number {
  const word = text.toLowerCase().replace(/^\+/, '');
  if (word.startsWith('inf')) return Number.POSITIVE_INFINITY;
  if (word.startsWith('-inf')) return Number.NEGATIVE_INFINITY;
  return word === 'nan' ? Number.NaN : Number(word);
}
