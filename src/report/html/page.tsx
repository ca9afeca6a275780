import { modelLine } from '../identity.ts';
import type { ReportInput } from '../report.ts';
import { pageScript } from './page-script.ts';
import { DistributionSection } from './sections/distribution-section.tsx';
import { EnvironmentSection } from './sections/environment-section.tsx';
import { FindingsSection } from './sections/findings-section.tsx';
import { HeadlineSection } from './sections/headline-section.tsx';
import { LatencySection } from './sections/latency-section.tsx';
import { MetricsSection } from './sections/metrics-section.tsx';
import { TimelineSection } from './sections/timeline-section.tsx';
import { styles } from './styles.ts';

// Nothing may be fetched, whatever a name in the result tries to smuggle in.
const policy =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/** The whole document below the doctype. */
export function Page({ envelope, levels }: ReportInput) {
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta http-equiv="Content-Security-Policy" content={policy} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <link rel="icon" href="data:," />
        <title>{`${modelLine(envelope)} · InferenceBench`}</title>
        <style dangerouslySetInnerHTML={{ __html: styles }} />
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to the results
        </a>
        <div class="page">
          <HeadlineSection envelope={envelope} />
          <main id="main">
            <LatencySection envelope={envelope} />
            <DistributionSection envelope={envelope} runs={levels} />
            <TimelineSection envelope={envelope} runs={levels} />
            {levels.length === 0 && envelope.levels.length > 0 && (
              <p class="note">
                The request records are not beside this result: no distributions, no timeline.
              </p>
            )}
            <MetricsSection envelope={envelope} />
            <FindingsSection envelope={envelope} />
            <EnvironmentSection envelope={envelope} />
          </main>
          <footer>
            inferencebench {envelope.tool.version} · run <span class="mono">{envelope.runId}</span>{' '}
            · this page holds its data as JSON in <span class="mono">#envelope</span>
          </footer>
        </div>
        <script
          type="application/json"
          id="envelope"
          dangerouslySetInnerHTML={{ __html: JSON.stringify(envelope).replaceAll('<', '\\u003c') }}
        />
        <script dangerouslySetInnerHTML={{ __html: pageScript }} />
      </body>
    </html>
  );
}
