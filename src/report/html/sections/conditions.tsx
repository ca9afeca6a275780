import type { Envelope } from '../../../model/index.ts';
import { factGroups } from '../../content/facts.ts';
import { factText, unknown } from '../../content/table.ts';
import { reproduceCommand, shellQuote } from '../../identity.ts';
import type { PageSection } from '../document.tsx';

/** Hardware, model, engine, workload, client, run: the article's sections; unknown says so. */
export function conditionsSection(envelope: Envelope): PageSection {
  return {
    ...{ id: 'conditions', title: 'Measurement conditions', short: 'Setup' },
    body: (
      <div class="facts">
        {factGroups(envelope).map(({ title, facts }) => (
          <div>
            <h3>{title}</h3>
            <dl>
              {facts.map((fact) => {
                const text = factText(fact);
                return (
                  <div>
                    <dt>{fact[0]}</dt>
                    <dd class={text === unknown ? 'unknown' : undefined}>{text}</dd>
                  </div>
                );
              })}
            </dl>
          </div>
        ))}
      </div>
    ),
  };
}

export function reproduceSection(envelope: Envelope): PageSection {
  const { commandLine } = envelope.engine;
  return {
    ...{ id: 'reproduce', title: 'Reproduce', short: 'Rerun' },
    body: (
      <>
        <Command title="Run it again" text={reproduceCommand(envelope)} />
        {commandLine && (
          <Command title="Engine command line" text={commandLine.map(shellQuote).join(' ')} />
        )}
        <details class="more">
          <summary>Settings as resolved</summary>
          <pre tabIndex={0} role="region" aria-label="Settings as resolved">
            {JSON.stringify(envelope.command.resolved, null, 2)}
          </pre>
        </details>
      </>
    ),
  };
}

function Command({ title, text }: { title: string; text: string }) {
  return (
    <div class="command">
      <h3>{title}</h3>
      <pre tabIndex={0} role="region" aria-label={title}>
        {text}
      </pre>
    </div>
  );
}
