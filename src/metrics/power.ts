import type { LevelPower, LevelRun, PowerSample } from '../model/index.ts';
import { levelDevices } from './level-devices.ts';

/** Without a reading for so long, a figure in watts between two of them would be a guess. */
const longestGapUs = 2_000_000;

/**
 * Energy and mean power over a level's rate span, from the start of the counted window to its last
 * end: the interval that throughput is taken over, so that watts over tokens per second are joules
 * per token. A domain with an energy counter gives the difference of the counter, one without the
 * integral of its power by the trapezoid rule; both interpolate linearly at the edges. A domain that
 * cannot be read makes the sum unknown, not smaller.
 *
 * @param samples in order of time, of one probe
 */
export function levelPower(run: LevelRun, samples: readonly PowerSample[]): LevelPower {
  const devices = levelDevices(run, samples);
  return {
    ...drawn(run, samples),
    ...(Object.keys(devices).length > 0 && { devices }),
  };
}

function drawn(run: LevelRun, samples: readonly PowerSample[]): LevelPower {
  const fromUs = run.windowStartUs;
  const toUs = run.endUs;
  const none = { avgW: null, energyJ: null, domainsW: {}, samples: 0 };
  if (toUs <= fromUs) return { ...none, reason: 'the level has no length' };
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined || first.atUs > fromUs || last.atUs < toUs) {
    return { ...none, reason: 'the readings of the probe do not cover the level' };
  }
  const inside = samples.filter(({ atUs }) => atUs >= fromUs && atUs <= toUs).length;
  const seconds = (toUs - fromUs) / 1e6;
  const domainsW: Record<string, number | null> = {};
  let energyJ = 0;
  const unread: string[] = [];
  first.readings.forEach(({ name }, at) => {
    const joules = energyOf(samples, at, fromUs, toUs);
    domainsW[name] = joules === null ? null : joules / seconds;
    if (joules === null) unread.push(name);
    else energyJ += joules;
  });
  if (unread.length > 0 || first.readings.length === 0) {
    const what =
      unread.length === 0 ? 'the probe has no domain' : `no reading of ${unread.join(', ')}`;
    return { ...none, domainsW, samples: inside, reason: what };
  }
  return { avgW: energyJ / seconds, energyJ, domainsW, samples: inside, reason: null };
}

function energyOf(
  samples: readonly PowerSample[],
  domain: number,
  fromUs: number,
  toUs: number,
): number | null {
  let joules = 0;
  for (let i = 1; i < samples.length; i++) {
    const before = samples[i - 1] as PowerSample;
    const after = samples[i] as PowerSample;
    const startUs = Math.max(before.atUs, fromUs);
    const endUs = Math.min(after.atUs, toUs);
    if (endUs <= startUs) continue;
    const part = between(before, after, domain, startUs, endUs);
    if (part === null) return null;
    joules += part;
  }
  return joules;
}

/** Joules in [startUs, endUs], which lies between two neighbouring samples. */
function between(
  before: PowerSample,
  after: PowerSample,
  domain: number,
  startUs: number,
  endUs: number,
): number | null {
  const a = before.readings[domain];
  const b = after.readings[domain];
  if (a === undefined || b === undefined) return null;
  const spanUs = after.atUs - before.atUs;
  if (a.energyJ !== null && b.energyJ !== null) {
    return ((b.energyJ - a.energyJ) * (endUs - startUs)) / spanUs;
  }
  if (a.watts === null || b.watts === null || spanUs > longestGapUs) return null;
  const wattsA = a.watts;
  const slope = (b.watts - wattsA) / spanUs;
  const at = (us: number) => wattsA + slope * (us - before.atUs);
  return ((at(startUs) + at(endUs)) / 2) * ((endUs - startUs) / 1e6);
}
