import { modelLine } from '../identity.ts';
import type { ReportInput } from '../report.ts';
import { Document, type PageSection } from './document.tsx';
import { conditionsSection, reproduceSection } from './sections/conditions.tsx';
import { distributionSection } from './sections/distributions.tsx';
import { engineSection } from './sections/engine.tsx';
import { findingsSection } from './sections/findings.tsx';
import { Headline } from './sections/headline.tsx';
import { latencySection } from './sections/latency.tsx';
import { metricsSection } from './sections/metrics.tsx';
import { openClosedSection } from './sections/open-closed.tsx';
import { maxLoadSection, resultsSection } from './sections/results.tsx';
import { searchSection } from './sections/search.tsx';
import { steadinessSection } from './sections/steadiness.tsx';
import { timelineSection } from './sections/timeline.tsx';
import { tradeOffSection } from './sections/trade-off.tsx';
import { checklistSection, clientSection, costSection } from './sections/trust.tsx';

/** The whole document below the doctype. */
export function Page({ envelope, levels, engineSamples = [] }: ReportInput) {
  const sections = [
    latencySection(envelope),
    engineSection(envelope),
    maxLoadSection(envelope),
    resultsSection(envelope),
    openClosedSection(envelope),
    tradeOffSection(envelope),
    distributionSection(envelope, levels),
    timelineSection(envelope, levels, engineSamples),
    steadinessSection(envelope, levels),
    searchSection(envelope),
    metricsSection(envelope),
    checklistSection(envelope),
    findingsSection(envelope),
    clientSection(envelope),
    costSection(envelope),
    conditionsSection(envelope),
    reproduceSection(envelope),
  ].filter((section): section is PageSection => section !== null);
  const withoutRecords =
    envelope.levels.length > 0 && !levels.some(({ records }) => records.length > 0);
  return (
    <Document
      title={`${modelLine(envelope)} · InferenceBench`}
      name={envelope.model.asked}
      header={
        <>
          <Headline envelope={envelope} sectionIds={new Set(sections.map(({ id }) => id))} />
          {withoutRecords && (
            <p class="note">
              The request records are not beside this result: no distributions, no timeline.
            </p>
          )}
        </>
      }
      sections={sections}
      footer={
        <>
          inferencebench {envelope.tool.version} · run <span class="mono">{envelope.runId}</span> ·
          this page holds its data as JSON in <span class="mono">#envelope</span>
        </>
      }
      data={{ id: 'envelope', value: envelope }}
    />
  );
}
