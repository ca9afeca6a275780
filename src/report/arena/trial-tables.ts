import type { MeasuredLaunch, ProfileFigures, TrialResult } from '../../model/index.ts';
import type { TableData } from '../content/table.ts';
import { formatBytes, formatNumber, formatSeconds, missing, plainText } from '../format.ts';

/** Both sides, profile by profile; of several launches each has its own rows. */
export function speedTable(
  own: readonly MeasuredLaunch[],
  reference: readonly MeasuredLaunch[],
): TableData {
  const sides = [
    ...own.map((launch, at) => ({
      name: own.length > 1 ? `submission ${at + 1}` : 'submission',
      launch,
    })),
    ...reference.map((launch, at) => ({
      name: reference.length > 1 ? `reference ${at + 1}` : 'reference',
      launch,
    })),
  ];
  return {
    caption: 'Both sides',
    head: [
      ...['Profile', 'Side', 'TTFT p50, ms', 'TPOT p50, ms', 'Latency p50, ms'],
      ...['Valid req/s', 'Offered req/s', 'Valid requests'],
    ],
    rows: sides
      .flatMap(({ name, launch }) => launch.profiles.map((profile) => ({ name, profile })))
      .toSorted((a, b) => a.profile.profile.localeCompare(b.profile.profile))
      .map(({ name, profile }) => rowOf(name, profile)),
  };
}

function rowOf(side: string, figures: ProfileFigures): string[] {
  return [
    plainText(figures.profile),
    side,
    formatNumber(figures.ttftP50Ms),
    formatNumber(figures.tpotP50Ms),
    formatNumber(figures.latencyP50Ms),
    formatNumber(figures.validCompletedRps),
    figures.offeredRps === null
      ? 'all at once'
      : `${formatNumber(figures.offeredRps)}${figures.rateLimited ? ', rate-limited' : ''}`,
    `${figures.validRequests} of ${figures.requests}`,
  ];
}

const ends: Record<NonNullable<TrialResult['agentPhase']>['end'], string> = {
  agent_done: 'it ended by itself',
  deadline: 'its time was up',
  budget: 'its budget was used up',
  crashed: 'it crashed',
  provider_error: 'its model provider failed',
  infra: 'the arena or the machine failed',
};

/** How the agent's processes came to their end, and how many there were. */
function endText(receipt: NonNullable<NonNullable<TrialResult['agentPhase']>['receipt']>): string {
  const { how, aliveAtStop, swept, endedBy, survivors } = receipt;
  const ways = {
    'already-exited': 'it had ended by itself',
    terminated: 'it ended when it was told to',
    killed: 'it was killed',
  };
  const alive =
    aliveAtStop === undefined
      ? []
      : aliveAtStop === null
        ? ['how many processes were alive then is not known']
        : [`${countOf(aliveAtStop)} alive then`];
  const means = { 'pid-namespace': ' with their PID namespace', signals: ' by a signal each' };
  const by = endedBy === undefined || swept === 0 ? '' : means[endedBy];
  return [
    ways[how],
    ...alive,
    `${countOf(swept)} ended by force${by}`,
    `${countOf(survivors)} survived`,
  ].join('; ');
}

const countOf = (count: number) => `${count} ${count === 1 ? 'process' : 'processes'}`;

/** What the agent did with its time and what it was held to; null = judged without an agent. */
export function phaseTable({ agentPhase, entry, bestVerified }: TrialResult): TableData | null {
  if (agentPhase === null) return null;
  const { end, reason, wallS, budgetS, receipt, serverStarts, sandboxed } = agentPhase;
  const version = entry.agent.version === null ? '' : `, version ${entry.agent.version}`;
  const rows: string[][] = [
    ['Agent', plainText(`${entry.agent.id}${version}`)],
    ['End', plainText(reason === undefined ? ends[end] : `${end}: ${reason}`)],
    ['Time used', `${formatSeconds(wallS)} of ${formatSeconds(budgetS)}`],
    ['Sandbox', sandboxed ? 'yes' : 'no: it could read what its user can'],
    ['Servers started', serverStarts === null ? missing : `${serverStarts.length}`],
    [
      'Best state on the way',
      bestVerified === null ? 'none was kept' : `${bestVerified.submissionSha256.slice(0, 12)}…`,
    ],
  ];
  if (receipt) {
    rows.push(['Its end', endText(receipt)]);
    for (const { limit, asked, by, reached } of receipt.limits) {
      const amount = limit.endsWith('Bytes') ? formatBytes(Number(asked)) : String(asked);
      const hit = reached === null ? '' : reached ? ', reached' : ', not reached';
      rows.push([`Limit: ${limit.replace(/Bytes$/, '')}`, `${amount}, held by ${by}${hit}`]);
    }
  }
  return { caption: 'The agent', head: ['What', 'Is'], rows };
}
