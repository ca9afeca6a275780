import type { Envelope } from '../../../model/index.ts';
import { allFindings } from '../../findings.ts';
import { formatInterval, formatNumber, formatShare } from '../../format.ts';
import {
  engineLine,
  failureText,
  headlineLevel,
  levelKind,
  levelName,
  sloText,
  workloadLine,
} from '../../identity.ts';
import { intervalReason, throughputSentence } from '../../metric-names.ts';

type Tone = 'good' | 'warn' | 'bad' | 'plain';

/** Who was measured, the verdicts, and the few numbers people look for first. */
export function HeadlineSection({ envelope }: { envelope: Envelope }) {
  const { model, hardware, error } = envelope;
  const quant = model.quant ?? model.quantAsked ?? 'unknown quantisation';
  return (
    <header>
      <p class="kicker">
        InferenceBench report <span class="mono">{envelope.runId}</span>
      </p>
      <h1>
        {model.asked} <span class="at">@ {quant}</span>
      </h1>
      <p class="sub">
        {hardware.detected} · {engineLine(envelope)} ·{' '}
        {envelope.startedAt.slice(0, 16).replace('T', ' ')} UTC
      </p>
      <p class="sub">{workloadLine(envelope)}</p>
      <ul class="chips" aria-label="Verdicts">
        {verdicts(envelope).map(({ tone, text }) => (
          <li class={`chip ${tone}`}>{text}</li>
        ))}
      </ul>
      {envelope.quickLook && (
        <p class="banner">
          <strong>Quick look.</strong> No load was given, so a few short levels were chosen to fit a
          time budget. Good for orientation, not a benchmark.
        </p>
      )}
      {error && (
        <p class="banner bad">
          <strong>{error.code}.</strong> {error.message} {error.hint}
        </p>
      )}
      <Tiles envelope={envelope} />
    </header>
  );
}

function verdicts(envelope: Envelope): { tone: Tone; text: string }[] {
  const { status, slo, levels } = envelope;
  const count = (severity: string) =>
    allFindings(envelope).filter((finding) => finding.severity === severity).length;
  const [warnings, invalid] = [count('warning'), count('invalid')];
  const statusTone = { complete: 'good', partial: 'warn', failed: 'bad' } as const;
  const out: { tone: Tone; text: string }[] = [{ tone: statusTone[status], text: `Run ${status}` }];
  if (slo) {
    const met = levels.filter((level) => level.valid && level.sloMet === true);
    const judged = levels.some((level) => level.sloMet !== null);
    const best = met.at(-1);
    if (best) out.push({ tone: 'good', text: `${slo.id} met up to ${levelName(best)}` });
    else if (judged) out.push({ tone: 'bad', text: `${slo.id} not met at any level` });
    else out.push({ tone: 'plain', text: `${slo.id} not decided` });
  } else {
    out.push({ tone: 'plain', text: 'No SLO given' });
  }
  const bad = levels.filter((level) => !level.valid).length;
  if (bad > 0) out.push({ tone: 'bad', text: `${bad} of ${levels.length} levels invalid` });
  else if (invalid > 0) out.push({ tone: 'bad', text: plural(invalid, 'invalidating finding') });
  const { verdict } = envelope.client;
  if (verdict !== null) {
    const tone = { ok: 'good', degraded: 'warn', bottleneck: 'bad' } as const;
    out.push({ tone: tone[verdict], text: `Client ${verdict}` });
  }
  out.push(
    warnings > 0
      ? { tone: 'warn', text: plural(warnings, 'warning') }
      : { tone: 'good', text: 'No warnings' },
  );
  return out;
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

const tiles: readonly (readonly [string, string])[] = [
  ['TTFT p50', 'ttft_p50_ms'],
  ['TTFT p99', 'ttft_p99_ms'],
  ['TPOT p50', 'tpot_p50_ms'],
  ['TPOT p99', 'tpot_p99_ms'],
];

function Tiles({ envelope }: { envelope: Envelope }) {
  const level = headlineLevel(envelope);
  if (!level) return null;
  const { metrics, slo } = envelope;
  const { values } = metrics;
  const goodput = values.goodput_at_slo;
  return (
    <section class="headline" aria-label="Headline">
      <div class="lead">
        <p class="big">{throughputSentence(metrics)}</p>
        <p class="small">
          at {levelName(level)} ({levelKind(level)}), headline level
        </p>
      </div>
      <dl class="tiles">
        {tiles.map(([name, key]) => {
          const interval = formatInterval(metrics.intervals[key]).trim();
          const reason = intervalReason(metrics, key);
          const lowN = metrics.flags[key] === 'low-n' ? 'low n' : '';
          const notes = [interval, lowN, reason].filter((part) => part !== '').join(', ');
          const isMissing = values[key] == null;
          return (
            <Tile
              name={name}
              value={formatNumber(values[key])}
              unit="ms"
              note={isMissing ? whyMissing(key) : notes}
            />
          );
        })}
        <Tile
          name="Goodput at SLO"
          value={goodput == null ? 'not measured' : formatNumber(goodput)}
          unit={goodput == null ? '' : 'req/s'}
          note={slo ? slo.id : 'no SLO given'}
        />
        <Tile
          name="Errors"
          value={formatShare(values.error_share)}
          unit=""
          note={failureText(level) || 'none failed'}
        />
      </dl>
      {slo && <p class="small">{sloText(slo)}. Brackets: 95 % interval.</p>}
    </section>
  );
}

function whyMissing(key: string): string {
  return key.includes('_p99') ? 'too few requests' : 'not measured';
}

function Tile(props: { name: string; value: string; unit: string; note: string }) {
  const { name, value, unit, note } = props;
  return (
    <div class="tile">
      <dt>{name}</dt>
      <dd>
        <span class={value.length > 8 ? 'value text' : 'value'}>{value}</span>
        {unit !== '' && value !== '—' && <span class="unit"> {unit}</span>}
        <span class="small">{note}</span>
      </dd>
    </div>
  );
}
