import type { ConformanceVerdict } from '../model/index.ts';
import type { Generation } from './generation.ts';
import type { Api, ProbeContext } from './probe.ts';

/** How one row looks for one API. */
export type Finding = readonly [verdict: ConformanceVerdict, evidence: string];

/**
 * One row out of what each API shows: the same verdict from all of them stands, different ones are
 * `partial`; an API that could not be looked at leaves it to the others.
 */
export function joinApis(findings: readonly (readonly [Api, Finding])[]): Finding {
  const decided = findings.filter(([, [verdict]]) => verdict !== 'unknown');
  const told = decided.length > 0 ? decided : findings;
  const verdicts = [...new Set(told.map(([, [verdict]]) => verdict))];
  const evidences = [...new Set(findings.map(([, [, evidence]]) => evidence))];
  const evidence =
    evidences.length === 1
      ? `${findings.map(([api]) => api).join(' and ')}: ${evidences[0]}`
      : findings.map(([api, [, text]]) => `${api}: ${text}`).join('; ');
  const [only] = verdicts;
  return [verdicts.length === 1 && only !== undefined ? only : 'partial', evidence];
}

/** Looks at the ordinary generation of every API; one that failed decides nothing. */
export async function lookAtEach(
  context: ProbeContext,
  look: (generation: Generation, api: Api) => Finding,
): Promise<Finding> {
  const findings: (readonly [Api, Finding])[] = [];
  for (const api of context.apis) {
    const generation = await context.ordinary(api);
    findings.push([
      api,
      generation.failed === null ? look(generation, api) : ['unknown', generation.failed],
    ]);
  }
  return joinApis(findings);
}

export const count = (n: number, word: string) => `${n} ${word}${n === 1 ? '' : 's'}`;
