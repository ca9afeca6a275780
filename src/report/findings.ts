import type { Envelope, Finding } from '../model/index.ts';

/** The run's findings and its levels', each once, the gravest first. */
export function allFindings(envelope: Envelope): Finding[] {
  const order = { invalid: 0, warning: 1, info: 2 };
  const seen = new Map<string, Finding>();
  const ofLevels = envelope.levels.flatMap((level) =>
    level.findings.map((finding) => ({ ...finding, level: finding.level ?? level.index })),
  );
  for (const finding of [...envelope.findings, ...ofLevels]) {
    const key = `${finding.code}\n${finding.level ?? ''}\n${finding.message}`;
    if (!seen.has(key)) seen.set(key, finding);
  }
  return [...seen.values()].sort((x, y) => order[x.severity] - order[y.severity]);
}
