import type { Judgement, JudgeStage } from './order.ts';
import type { JudgePorts } from './ports.ts';

/** Runs stages one after the other: each is told, and how long it took is kept, also of one that failed. */
export function createStages({ clock, signal, say }: Pick<JudgePorts, 'clock' | 'signal' | 'say'>) {
  const stages: Judgement['stages'] = [];
  const stage = async <T>(name: JudgeStage, work: () => Promise<T>): Promise<T> => {
    signal.throwIfAborted();
    say(name.replaceAll('_', ' '));
    const startUs = clock.nowUs();
    let ended: 'ok' | 'stopped' = 'stopped';
    try {
      const value = await work();
      ended = 'ok';
      return value;
    } finally {
      stages.push({ stage: name, tookMs: (clock.nowUs() - startUs) / 1000, ended });
    }
  };
  return { stages, stage };
}
