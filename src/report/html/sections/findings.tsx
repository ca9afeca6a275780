import type { Envelope, Finding } from '../../../model/index.ts';
import { allFindings } from '../../findings.ts';
import { levelPlace } from '../../identity.ts';
import type { PageSection } from '../document.tsx';

/** Every doubt about the measurement, the gravest first; what is only for information is folded. */
export function findingsSection(envelope: Envelope): PageSection {
  const findings = allFindings(envelope);
  const doubts = findings.filter(({ severity }) => severity !== 'info');
  const infos = findings.filter(({ severity }) => severity === 'info');
  return {
    ...{ id: 'findings', title: 'Findings' },
    body: (
      <>
        {doubts.length === 0 && <p>Nothing was found that would put these numbers in doubt.</p>}
        <List envelope={envelope} findings={doubts} />
        {infos.length > 4 ? (
          <details class="more">
            <summary>{infos.length} for information</summary>
            <List envelope={envelope} findings={infos} />
          </details>
        ) : (
          <List envelope={envelope} findings={infos} />
        )}
      </>
    ),
  };
}

function List({ envelope, findings }: { envelope: Envelope; findings: readonly Finding[] }) {
  if (findings.length === 0) return null;
  return (
    <ul class="findings">
      {findings.map((finding) => (
        <li class={finding.severity}>
          <p>
            <span class="severity">{finding.severity}</span>{' '}
            <span class="mono">{finding.code}</span>
            <span class="small"> {placeOf(envelope, finding)}</span>
          </p>
          <p>{finding.message}</p>
        </li>
      ))}
    </ul>
  );
}

function placeOf(envelope: Envelope, finding: Finding): string {
  const level = envelope.levels.find((entry) => entry.index === finding.level);
  return level ? `at ${levelPlace(envelope, level)}` : '';
}
