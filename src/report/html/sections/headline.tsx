import { type Envelope, formatRate } from '../../../model/index.ts';
import { slosOf } from '../../content/levels.ts';
import { type Tone, verdictsOf } from '../../content/verdicts.ts';
import { formatInterval, formatNumber, formatShare } from '../../format.ts';
import {
  engineLine,
  failureText,
  headlineLevel,
  levelKind,
  levelName,
  workloadLine,
} from '../../identity.ts';
import { intervalReason, throughputSentence } from '../../metric-names.ts';

const icons: Readonly<Record<Tone, string>> = { good: '✓', warn: '!', bad: '✕', plain: '·' };

/** Who was measured, the answer, the verdicts, and the few numbers people look for first. */
export function Headline(props: { envelope: Envelope; sectionIds: ReadonlySet<string> }) {
  const { envelope, sectionIds } = props;
  const { model, hardware, error } = envelope;
  const quant = model.quant ?? model.quantAsked ?? 'unknown quantization';
  return (
    <>
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
      <Answer envelope={envelope} />
      <ul class="verdicts" aria-label="Verdicts">
        {verdictsOf(envelope).map(({ tone, label, value, detail, section }) => (
          <li class={tone}>
            <a {...(sectionIds.has(section) && { href: `#${section}` })}>
              <span class="label">{label}</span>
              <span class="value">
                <span class="icon" aria-hidden="true">
                  {icons[tone]}
                </span>
                {value}
              </span>
              <span class="detail">{detail}</span>
            </a>
          </li>
        ))}
      </ul>
      <Tiles envelope={envelope} />
    </>
  );
}

function Answer({ envelope }: { envelope: Envelope }) {
  const level = headlineLevel(envelope);
  if (!level) return <p class="answer banner bad">No level is fit to be quoted.</p>;
  return (
    <div class="answer">
      <p class="big">{throughputSentence(envelope.metrics)}</p>
      <p class="small">
        at {levelName(level)} ({levelKind(level)}), the headline level
      </p>
    </div>
  );
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
      <dl class="tiles">
        {tiles.map(([name, key]) => {
          const interval = formatInterval(metrics.intervals[key]).trim();
          const reason = intervalReason(metrics, key);
          const lowN = metrics.flags[key] === 'low-n' ? 'low n' : '';
          const notes = [interval, lowN, reason].filter((part) => part !== '').join(', ');
          return (
            <Tile
              name={name}
              value={formatNumber(values[key])}
              unit="ms"
              note={values[key] == null ? (metrics.reasons?.[key] ?? whyMissing(key)) : notes}
            />
          );
        })}
        <Tile
          name="Goodput at SLO"
          value={goodput == null ? 'not measured' : formatNumber(goodput)}
          unit={goodput == null ? '' : 'req/s'}
          note={
            slo
              ? [...slosOf(envelope).map(({ id }) => id), ...plannedGoodput(envelope)].join(', ')
              : 'no SLO given'
          }
        />
        <Tile
          name="Errors"
          value={formatShare(values.error_share)}
          unit=""
          note={failureText(level) || 'none failed'}
        />
      </dl>
      <p class="note">Brackets are 95 % confidence intervals. — was not measured.</p>
    </section>
  );
}

/** The rate found is what arrived; beside it what was planned. */
function plannedGoodput({ metrics }: Envelope): string[] {
  const planned = metrics.values.goodput_at_slo_planned_rps;
  return typeof planned === 'number' && planned > 0 ? [`${formatRate(planned)} planned`] : [];
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
