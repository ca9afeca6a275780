import { expect, it } from 'vitest';
import type { LevelRun, PowerProbe } from '../../model/index.ts';
import { createVirtualClock } from '../../sim/index.ts';
import { watchPower } from './watch-power.ts';

const level = (fromS: number, toS: number) =>
  ({ windowStartUs: fromS * 1e6, endUs: toS * 1e6 }) as LevelRun;

it('gives each level its own part of a probe that is read all along', async () => {
  const clock = createVirtualClock({ startUs: 7_000_000 });
  const originUs = 7_000_000;
  // A fake probe: 100 W, from 10 s on 300 W.
  const probe: PowerProbe = {
    id: 'fake',
    covers: 'nothing',
    method: 'made up',
    read: async () => {
      const atUs = clock.nowUs() - originUs;
      const watts = atUs < 10e6 ? 100 : 300;
      return [{ atUs, readings: [{ name: 'gpu-0', watts, energyJ: null }] }];
    },
    lost: () => null,
    close: async () => {},
  };
  await clock.drive(
    (async () => {
      const watch = watchPower(probe, clock);
      await clock.sleepUntil(originUs + 6e6);
      expect(await watch.ofLevel(level(1, 6))).toMatchObject({ avgW: 100, reason: null });
      await clock.sleepUntil(originUs + 20e6);
      const second = await watch.ofLevel(level(12, 20));
      expect(second.avgW).toBeCloseTo(300, 9);
      expect(second.energyJ).toBeCloseTo(2400, 6);
      expect(second.samples).toBeGreaterThan(75);
      await watch.stop();
    })(),
  );
});

it('waits for a probe that tells of a moment a little later, and says why one is lost', async () => {
  const clock = createVirtualClock();
  // Its samples come 400 ms late; it ends at 10 s.
  let toldUs = -100_000;
  const probe: PowerProbe = {
    ...{ id: 'late', covers: 'nothing', method: 'made up' },
    read: async () => {
      const samples = [];
      while (toldUs + 100_000 <= Math.min(clock.nowUs() - 400_000, 10e6)) {
        toldUs += 100_000;
        const readings = [{ name: 'gpu-0', watts: 100, energyJ: null }];
        samples.push({ atUs: toldUs, readings });
      }
      return samples;
    },
    lost: () => (toldUs >= 10e6 ? 'nvidia-smi: it ended (exit 9)' : null),
    close: async () => {},
  };
  await clock.drive(
    (async () => {
      const watch = watchPower(probe, clock);
      await clock.sleepUntil(6e6);
      expect(await watch.ofLevel(level(1, 6))).toMatchObject({ avgW: 100, reason: null });
      await clock.sleepUntil(14e6);
      const power = await watch.ofLevel(level(8, 14));
      expect(power).toMatchObject({ avgW: null, reason: 'nvidia-smi: it ended (exit 9)' });
      await watch.stop();
    })(),
  );
});
