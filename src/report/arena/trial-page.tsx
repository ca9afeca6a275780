import { render } from 'preact-render-to-string';
import type { TrialCheck, TrialResult, TrialScore } from '../../model/index.ts';
import { formatSeconds, missing, plainText } from '../format.ts';
import { Document, type PageSection } from '../html/document.tsx';
import { DataTable, Figure } from '../html/figure.tsx';
import { ScoreChart } from './charts/score-chart.tsx';
import { checkLines } from './check-lines.ts';
import { arenaStyles } from './styles.ts';
import { phaseTable, speedTable } from './trial-tables.ts';
import { notCounted, outcomeWords, partInterval, scoreText } from './words.ts';

/** One trial as a page that holds everything: the score, both sides' speeds, each check's evidence. */
export function renderTrialHtml(trial: TrialResult, score: TrialScore): string {
  return `<!doctype html>\n${render(<Page trial={trial} score={score} />)}\n`;
}

interface Props {
  trial: TrialResult;
  score: TrialScore;
}

const formOf = ({ correct }: TrialScore) => (correct === null ? 'speedup' : 'correctness_gated');

function Page({ trial, score }: Props) {
  const { scenario, entry, machine, baseModel, tool } = trial;
  const sections = [
    speedSection(trial, score),
    checksSection(trial),
    phaseSection(trial),
    provenanceSection(trial),
  ].filter((section): section is PageSection => section !== null);
  return (
    <Document
      title={`${scenario.id}: ${outcomeWords[score.outcome]} · InferenceBench`}
      name="Trial"
      styles={arenaStyles}
      header={
        <>
          <p class="kicker">
            InferenceBench arena trial <span class="mono">{plainText(trial.trialId)}</span>
          </p>
          <h1>{headline(score)}</h1>
          <p class="sub">
            {plainText(entry.agent.id)} on scenario {scenario.id}, class {scenario.class};{' '}
            {plainText(baseModel)} on {plainText(machine)}; reference {trial.reference.description}
          </p>
          <ul class="chips">{chips(trial, score)}</ul>
          {score.reason !== null && <p class="banner bad">{plainText(score.reason)}</p>}
          {score.doubts.map(({ message }) => (
            <p class="banner">{plainText(message)}</p>
          ))}
          {scenario.class !== 'full' && (
            <p class="banner">
              <strong>Small class.</strong> Not comparable with other machines, other models or the
              full class.
            </p>
          )}
        </>
      }
      sections={sections}
      footer={
        <>
          inferencebench {tool.version} · this page holds its data as JSON in{' '}
          <span class="mono">#trial</span>
        </>
      }
      data={{ id: 'trial', value: { trial, score } }}
    />
  );
}

function headline(score: TrialScore): string {
  const { outcome } = score;
  if (score.score === null) return `Not scored: ${outcomeWords[outcome]}`;
  const value = scoreText(score.score, formOf(score));
  if (outcome === 'scored') return `Scores ${value}`;
  return `Scores ${value}: ${outcomeWords[outcome]}`;
}

function chips({ final, agentPhase }: TrialResult, score: TrialScore) {
  const checks = final?.checks ?? [];
  const count = (verdict: TrialCheck['verdict']) =>
    checks.filter((check) => check.verdict === verdict).length;
  const good = score.outcome === 'scored' || score.outcome === 'regressed';
  const told: [string, string][] = [[outcomeWords[score.outcome], good ? 'good' : 'bad']];
  const passed = count('pass');
  if (passed > 0) told.push([`${passed} checks passed`, 'good']);
  if (count('flag') > 0) told.push([`${count('flag')} flagged`, 'warn']);
  if (count('fail') > 0) told.push([`${count('fail')} failed`, 'bad']);
  if (count('not_run') > 0) told.push([`${count('not_run')} not run`, 'warn']);
  if (agentPhase?.sandboxed === false) told.push(['unsandboxed', 'warn']);
  if (agentPhase?.interrupted) told.push(['interrupted', 'warn']);
  return told.map(([text, kind]) => <li class={`chip ${kind}`}>{text}</li>);
}

function speedSection(trial: TrialResult, score: TrialScore): PageSection | null {
  const own = trial.final?.launches ?? [];
  if (own.length === 0) return null;
  const form = formOf(score);
  const table = speedTable(own, trial.reference.launches);
  const counts = score.speedCounts;
  return {
    id: 'speed',
    title: `Speed against the reference${counts ? '' : `: ${notCounted}`}`,
    short: 'Speed',
    body: (
      <>
        {!counts && (
          <p class="lede">The score is not made of these figures: {outcomeWords[score.outcome]}.</p>
        )}
        {!counts && score.parts.length > 0 && (
          <DataTable
            caption={`Speed-up by part: ${notCounted}`}
            head={['Profile', 'Figure', 'Speed-up']}
            rows={score.parts.map(({ profile, term, ratio }) => [
              plainText(profile),
              term,
              `${scoreText(ratio, 'speedup')}, ${notCounted}`,
            ])}
          />
        )}
        {counts && score.parts.length > 0 && (
          <div class="figures">
            <Figure
              id="parts"
              title="Speed-up by part"
              caption="Reference against submission, same requests, same machine: above 1 is faster. Whisker: 95 % interval over the requests of this trial; what launches differ by is not in it."
              table={{
                caption: 'Speed-up by part',
                head: ['Profile', 'Figure', 'Speed-up', '95 % interval'],
                rows: score.parts.map(({ profile, term, ratio, interval }) => [
                  plainText(profile),
                  term,
                  scoreText(ratio, 'speedup'),
                  interval === null ? missing : partInterval(interval),
                ]),
              }}
            >
              <ScoreChart
                id="parts-chart"
                title="Speed-up by part"
                desc={score.parts
                  .map(({ profile, term, ratio }) => `${term} of ${profile}: ${ratio.toFixed(2)}.`)
                  .join(' ')}
                form="speedup"
                rows={score.parts.map(({ profile, term, ratio, interval }) => ({
                  ...{ name: `${plainText(profile)}, ${term}`, mean: ratio },
                  ...{ low: interval?.low ?? null, high: interval?.high ?? null },
                  text: scoreText(ratio, 'speedup'),
                }))}
              />
            </Figure>
          </div>
        )}
        <DataTable {...table} />
        <p class="note">
          Medians over the requests of a profile. Only requests that ended well and in full length
          count; a part that the formula does not use is here to be looked at.
          {form === 'correctness_gated' &&
            ` Greedy token match ${score.tokenMatchShare === null ? missing : `${(100 * score.tokenMatchShare).toFixed(1)} %`}.`}
        </p>
      </>
    ),
  };
}

const order = ['fail', 'not_run', 'flag', 'pass'] as const;
const verdictWords = { fail: '✗ fail', not_run: '— not run', flag: '! flag', pass: '✓ pass' };

function checksSection({ final }: TrialResult): PageSection | null {
  const checks = final?.checks ?? [];
  if (checks.length === 0) return null;
  const sorted = order.flatMap((verdict) => checks.filter((check) => check.verdict === verdict));
  return {
    id: 'checks',
    title: 'What was looked at',
    short: 'Checks',
    body: (
      <>
        <div class="checks">
          <DataTable
            caption="Checks, what they saw first where it matters most"
            captionHidden
            head={['Check', 'Of', 'Verdict', 'Seen']}
            rows={checkLines(sorted).map(({ ids, check }) => {
              const { kind, required, verdict, evidence } = check;
              if (ids.length > 1) {
                const told = `${ids.length} checks did not run`;
                const names = `These are ${ids.join(', ')}.`;
                return [told, missing, verdictWords[verdict], `${plainText(evidence)}. ${names}`];
              }
              return [
                check.id,
                `${kind}${required ? ', required' : ''}`,
                verdictWords[verdict],
                plainText(evidence),
              ];
            })}
            text={[1, 2, 3]}
          />
        </div>
        <p class="note">
          Only a failed check voids a score; a flag asks for a look. A required check that did not
          run makes the outcome an infra error.
        </p>
      </>
    ),
  };
}

function phaseSection(trial: TrialResult): PageSection | null {
  const table = phaseTable(trial);
  if (table === null) return null;
  return {
    id: 'agent',
    title: "The agent's time",
    short: 'Agent',
    body: <DataTable {...table} text={[1]} />,
  };
}

function provenanceSection({ seeds, submission, startedAt, endedAt, scenario }: TrialResult) {
  const spanS = (Date.parse(endedAt) - Date.parse(startedAt)) / 1000;
  const rows: string[][] = [
    ['Submission', submission === null ? 'nothing was collected' : submission.sha256],
    ...(submission?.files ?? []).map(({ path, bytes, sha256 }) => [
      plainText(path),
      `${bytes} bytes, ${sha256}`,
    ]),
    ['Secret, published before as SHA-256', seeds.secretSha256],
    ['Secret, revealed', seeds.secret ?? 'not revealed'],
    ['Final seed, HMAC of both', seeds.finalSeed ?? 'none: nothing was collected'],
    ['Scenario', `${scenario.id}, ${scenario.sha256}`],
    ['Begun', `${startedAt}, took ${formatSeconds(spanS)}`],
  ];
  return {
    id: 'provenance',
    title: 'Where it comes from',
    short: 'Provenance',
    body: (
      <DataTable
        caption="What it can be checked by"
        captionHidden
        head={['What', 'Is']}
        rows={rows}
        text={[1]}
      />
    ),
  };
}
