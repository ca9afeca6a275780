import type { Envelope, Finding } from '../../../model/index.ts';
import { allFindings } from '../../findings.ts';
import { levelName } from '../../identity.ts';

/** Every doubt about the measurement, the gravest first. */
export function FindingsSection({ envelope }: { envelope: Envelope }) {
  const findings = allFindings(envelope);
  return (
    <section aria-labelledby="findings-heading">
      <h2 id="findings-heading">Findings</h2>
      {findings.length === 0 ? (
        <p>Nothing was found that would put these numbers in doubt.</p>
      ) : (
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
      )}
    </section>
  );
}

function placeOf(envelope: Envelope, finding: Finding): string {
  const level = envelope.levels.find((entry) => entry.index === finding.level);
  return level ? `at ${levelName(level)}` : '';
}
