import type { HeldLimit, ScenarioSize, TrialGround } from '../../model/index.ts';

/** Collects, launch by launch, who held the limits of both sides. */
export interface GroundLog {
  add(side: 'server' | 'reference', limits: readonly HeldLimit[]): void;
  /** @param device what the reference computes on */
  computesOn(device: string): void;
  read(): TrialGround;
}

/** @param machine what it has, for what falls short of the scenario */
export function createGroundLog(options: {
  sandbox: { id: string; isolates: boolean };
  limits: ScenarioSize['limits'];
  clientCpus: string | null;
  machine: { cpus: number; memoryBytes: number; accelerator: string | null };
}): GroundLog {
  const { sandbox, limits, clientCpus, machine } = options;
  const sides: Record<'server' | 'reference', HeldLimit[] | null> = {
    server: null,
    reference: null,
  };
  let device: string | null = null;
  return {
    computesOn(name) {
      device = name;
    },
    add(side, more) {
      const before = sides[side] ?? [];
      const names = new Set([...before, ...more].map(({ limit }) => limit));
      sides[side] = [...names].map((name) => {
        const both = [...before, ...more].filter(({ limit }) => limit === name) as [HeldLimit];
        return { ...both[0], by: weakest(both), reached: everReached(both) };
      });
    },
    read: () => ({
      sandbox: sandbox.id,
      sandboxed: sandbox.isolates,
      ...sides,
      clientCpus,
      accelerator: {
        ...{ wanted: limits.accelerator, present: machine.accelerator },
        referenceOn: device,
      },
      notes: [
        ...machineNotes(limits, machine),
        ...(['server', 'reference'] as const).flatMap((side) => holderNotes(side, sides[side])),
        ...differences(sides.server, sides.reference),
        ...(clientCpus === null ? ['the load client shares the CPUs of the server'] : []),
      ],
    }),
  };
}

/** Of several launches: what was not held once was not held. */
const weakest = (reports: readonly HeldLimit[]) =>
  (reports.find(({ by }) => by === 'none') ?? reports[0])?.by ?? 'none';

function everReached(reports: readonly HeldLimit[]): boolean | null {
  const all = reports.map(({ reached }) => reached);
  return all.includes(true) ? true : all.includes(null) ? null : false;
}

const words: Record<string, string> = {
  ...{ memoryBytes: 'memory', cpus: 'CPUs', cpuset: 'CPU set', diskBytes: 'disk' },
};
const wordOf = ({ limit }: HeldLimit) => words[limit] ?? limit;

function machineNotes(
  { cpus, memoryGiB, accelerator }: ScenarioSize['limits'],
  machine: { cpus: number; memoryBytes: number },
): string[] {
  const notes: string[] = [];
  if (machine.cpus < cpus) {
    notes.push(`the scenario's limit is ${cpus} CPUs, this machine has ${machine.cpus}`);
  }
  const ownGiB = machine.memoryBytes / 1024 ** 3;
  if (ownGiB < memoryGiB) {
    notes.push(
      `the scenario's limit is ${memoryGiB} GiB of memory, this machine has ${ownGiB.toFixed(1)}`,
    );
  }
  if (accelerator !== null) {
    notes.push(`the scenario is made for ${accelerator}: nothing limits accelerators`);
  }
  return notes;
}

function holderNotes(side: string, limits: readonly HeldLimit[] | null): string[] {
  return (limits ?? []).flatMap((one) => [
    ...(one.by === 'none' ? [`nobody held the limit of ${wordOf(one)} of the ${side}`] : []),
    ...(one.by === 'affinity'
      ? [`the ${wordOf(one)} of the ${side} is an affinity, which a program can change`]
      : []),
    ...(one.reached === true ? [`the ${side} reached its limit of ${wordOf(one)}`] : []),
  ]);
}

function differences(
  server: readonly HeldLimit[] | null,
  reference: readonly HeldLimit[] | null,
): string[] {
  return (server ?? []).flatMap((one) => {
    const other = reference?.find(({ limit }) => limit === one.limit);
    if (other === undefined || other.by === one.by) return [];
    return [
      `the ${wordOf(one)} of the server was held by ${one.by}, of the reference by ${other.by}`,
    ];
  });
}
