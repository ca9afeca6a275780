import type { Envelope } from '../../model/index.ts';
import { allFindings } from '../findings.ts';
import { headlineLevel, levelName } from '../identity.ts';
import { slosOf } from './levels.ts';
import { maxLoadSentence } from './max-load.ts';
import { plural } from './table.ts';

export type Tone = 'good' | 'warn' | 'bad' | 'plain';

/** One answer of the headline: what was asked, what came out, and the fact it rests on. */
export interface Verdict {
  id: string;
  label: string;
  tone: Tone;
  value: string;
  detail: string;
  /** Section that has the evidence. */
  section: string;
}

/** What a reader has to know before any number: in this order. */
export function verdictsOf(envelope: Envelope): Verdict[] {
  return [
    ...sloVerdicts(envelope),
    ...keepsUp(envelope),
    ...sustained(envelope),
    ...client(envelope),
    ...gates(envelope),
    ...checklist(envelope),
    run(envelope),
    findings(envelope),
  ];
}

function run({ status, levels, error }: Envelope): Verdict {
  const bad = levels.filter(({ valid }) => !valid).length;
  const tones = { complete: 'good', partial: 'warn', failed: 'bad' } as const;
  return {
    ...{ id: 'run', label: 'Run', section: 'metrics' },
    tone: bad > 0 && status === 'complete' ? 'bad' : tones[status],
    value: status,
    detail:
      error !== null
        ? error.code
        : bad > 0
          ? `${bad} of ${levels.length} levels not valid`
          : `${plural(levels.length, 'level')}, all valid`,
  };
}

function sloVerdicts(envelope: Envelope): Verdict[] {
  const slos = slosOf(envelope);
  if (slos.length === 0) {
    const detail = 'give --slo-template or --slo to be told the highest rate that meets it';
    return [
      { id: 'slo', label: 'SLO', tone: 'plain', value: 'none given', detail, section: 'max-load' },
    ];
  }
  return slos.map(({ id }): Verdict => {
    const { met, text, detail } = maxLoadSentence(envelope, id);
    const tone = met === null ? 'plain' : met ? 'good' : 'bad';
    return { id: `slo-${id}`, label: id, tone, value: text, detail, section: 'max-load' };
  });
}

function keepsUp(envelope: Envelope): Verdict[] {
  const level = headlineLevel(envelope);
  const keeping = level?.keepingUp;
  if (!level || !keeping) return [];
  const tones = { 'keeps-up': 'good', 'falls-behind': 'bad', unknown: 'plain' } as const;
  const words = { 'keeps-up': 'yes', 'falls-behind': 'falls behind', unknown: 'unknown' };
  return [
    {
      ...{ id: 'keeps-up', label: `Keeps up at ${levelName(level)}`, section: 'steadiness' },
      tone: tones[keeping.verdict],
      value: words[keeping.verdict],
      detail: keeping.reason,
    },
  ];
}

function sustained({ method }: Envelope): Verdict[] {
  const result = method?.sustained ?? null;
  if (result === null) return [];
  return [
    {
      ...{ id: 'sustained', label: `Sustained ${result.durationS} s`, section: 'search' },
      tone: result.passed ? 'good' : 'bad',
      value: result.passed ? 'held' : 'not held',
      detail: result.reason,
    },
  ];
}

function client({ client: { verdict, reason } }: Envelope): Verdict[] {
  if (verdict === null) return [];
  const tones = { ok: 'good', degraded: 'warn', bottleneck: 'bad' } as const;
  return [
    {
      ...{ id: 'client', label: 'Client', section: 'client', tone: tones[verdict] },
      value: verdict,
      detail: reason ?? '',
    },
  ];
}

function gates({ method, levels }: Envelope): Verdict[] {
  const warm = method?.gates ?? [];
  const leadIns = levels.flatMap(({ leadIn }) => (leadIn === undefined ? [] : [leadIn]));
  const all = [...warm, ...leadIns];
  if (all.length === 0) return [];
  const passed = all.filter((gate) => gate.passed).length;
  const part = (name: string, of: typeof all) =>
    of.length === 0 ? [] : [`${name} ${of.filter((g) => g.passed).length} of ${of.length}`];
  return [
    {
      ...{ id: 'gates', label: 'Gates', section: 'steadiness' },
      tone: passed === all.length ? 'good' : 'warn',
      value: passed === all.length ? 'all passed' : `${all.length - passed} not passed`,
      detail: [...part('server warm', warm), ...part('level steady', leadIns)].join(', '),
    },
  ];
}

function checklist({ method }: Envelope): Verdict[] {
  const rows = method?.checklist ?? [];
  if (rows.length === 0) return [];
  const failed = rows.filter(({ verdict }) => verdict === 'fail').length;
  const open = rows.filter(({ verdict }) => verdict === 'unknown').length;
  return [
    {
      ...{ id: 'checklist', label: 'Checklist', section: 'checklist' },
      tone: failed > 0 ? 'warn' : open > 0 ? 'plain' : 'good',
      value: `${rows.length - failed - open} of ${rows.length} pass`,
      detail: `${failed} fail, ${open} unknown`,
    },
  ];
}

function findings(envelope: Envelope): Verdict {
  const all = allFindings(envelope);
  const count = (severity: string) => all.filter((one) => one.severity === severity).length;
  const [invalid, warnings, infos] = [count('invalid'), count('warning'), count('info')];
  return {
    ...{ id: 'findings', label: 'Findings', section: 'findings' },
    tone: invalid > 0 ? 'bad' : warnings > 0 ? 'warn' : 'good',
    value:
      invalid > 0
        ? `${invalid} invalidating`
        : warnings > 0
          ? plural(warnings, 'warning')
          : 'no warnings',
    detail: `${invalid > 0 ? `${plural(warnings, 'warning')}, ` : ''}${infos} for information`,
  };
}
