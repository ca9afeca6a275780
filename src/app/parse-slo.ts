import { BenchError, didYouMean } from '../core/index.ts';
import { type SloTemplate, sloTemplates } from '../model/index.ts';

const limits = { ttft: 'ttftMs', tpot: 'tpotMs', e2e: 'e2eMs' } as const;
const example = 'For example --slo ttft=300,tpot=50 or --slo chat:ttft=300,tpot=50,p=95.';

/**
 * The SLOs that a run is judged by: templates by id, then own ones; the first decides the headline.
 *
 * @param templates ids of templates, comma separated
 * @param own `[NAME:]ttft=300,tpot=50,e2e=2000,p=99`: milliseconds, and the percentile (default 99)
 * @throws BenchError USAGE_UNKNOWN_SLO_TEMPLATE, USAGE_BAD_VALUE
 */
export function parseSlos(templates: string | null, own: readonly string[]): SloTemplate[] {
  const slos = [
    ...(templates === null ? [] : templates.split(',').map((id) => findTemplate(id.trim()))),
    ...own.map(parseSlo),
  ];
  const twice = slos.find(({ id }, i) => slos.findIndex((slo) => slo.id === id) !== i);
  if (twice === undefined) return slos;
  throw new BenchError('USAGE_BAD_VALUE', `two SLOs are called "${twice.id}".`, { hint: example });
}

function findTemplate(id: string): SloTemplate {
  const found = sloTemplates.find((template) => template.id === id);
  if (found !== undefined) return found;
  const ids = sloTemplates.map((template) => template.id);
  throw new BenchError(
    'USAGE_UNKNOWN_SLO_TEMPLATE',
    `Unknown SLO template "${id}".${didYouMean(id, ids)}`,
    { hint: `Known: ${ids.join(', ')}. Limits of your own: --slo.` },
  );
}

function parseSlo(text: string): SloTemplate {
  const bad = (what: string) =>
    new BenchError('USAGE_BAD_VALUE', `--slo "${text}": ${what}.`, { hint: example });
  const [, name, list = ''] = /^(?:([^:=,]+):)?(.*)$/s.exec(text) ?? [];
  const slo: SloTemplate = {
    id: name ?? list,
    ttftMs: null,
    tpotMs: null,
    e2eMs: null,
    quantile: 0.99,
  };
  for (const part of list.split(',')) {
    const [key = '', value = ''] = part.split('=').map((piece) => piece.trim());
    const number = value === '' ? Number.NaN : Number(value);
    if (key === 'p') {
      if (!(number > 0 && number < 100)) throw bad(`"${value}" is not a percentile`);
      slo.quantile = number / 100;
    } else if (Object.hasOwn(limits, key)) {
      if (!(number > 0 && Number.isFinite(number))) {
        throw bad(`"${value}" is not a time in milliseconds above 0`);
      }
      slo[limits[key as keyof typeof limits]] = number;
    } else {
      throw bad(`"${key}" is not one of ${Object.keys(limits).join(', ')}, p`);
    }
  }
  if (slo.ttftMs === null && slo.tpotMs === null && slo.e2eMs === null) throw bad('no limit in it');
  return slo;
}
