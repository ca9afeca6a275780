import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../../core/index.ts';
import { type Collected, collectToKeep, NotCollected } from '../judge/collect.ts';
import type { AgentClock } from '../phase/agent-clock.ts';
import type { Evaluation, Want } from '../phase/evaluator.ts';
import { keepState } from '../phase/states.ts';
import { appendStart } from './server-starts.ts';
import type { TrialSetup } from './trial-setup.ts';

/**
 * What `./evaluate` and `./snapshot` do: copies what the workspace declares, as the judge will, and
 * has the copy measured with the agent's own seed. States that pass a full one are kept.
 */
export function createPreviews(
  setup: TrialSetup,
  places: { states: string; starts: string; workspace: string; time: AgentClock },
): (want: Want, say: (text: string) => void, signal: AbortSignal) => Promise<Evaluation> {
  const { states, starts, workspace, time } = places;
  return async (want, say, signal) => {
    if (time.inReserve()) {
      return refused(`only ${Math.round(time.remainingS())} s are left: no evaluation is begun`);
    }
    const folder = await mkdtemp(join(tmpdir(), 'bench-preview-'));
    try {
      const files = join(folder, 'files');
      const workDir = join(folder, 'work');
      for (const dir of [files, workDir]) await mkdir(dir);
      let submission: Collected;
      try {
        submission = await collectToKeep(workspace, files);
      } catch (error) {
        if (!(error instanceof NotCollected)) throw error;
        return { ...failed, text: `Nothing to evaluate: ${messageOf(error)}.` };
      }
      const atS = time.elapsedS();
      const { state, score, text, flags } = await setup.preview({
        want,
        submissionDir: files,
        workDir,
        submission,
        seed: setup.seeds.dev,
        say,
        signal,
      });
      const { sha256 } = submission;
      // A server of one's own has no settings that could be read: its files stand for them.
      const settings = flags ?? [`files ${sha256.slice(0, 8)}`];
      appendStart(starts, { atS, flags: settings, submissionSha256: sha256 });
      const ok = state.outcome === 'scored' || state.outcome === 'regressed';
      const isWhole = want !== 'quick' && state.outcome === 'scored' && score !== null;
      if (isWhole) {
        await keepState(states, { submission, state: { ...state, atS }, score }, files);
      }
      const note = isWhole ? '\nThis state is kept.' : '';
      return { ok, outcome: state.outcome, score, refused: null, text: `${text}${note}` };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
}

const failed: Evaluation = { ok: false, outcome: null, score: null, refused: null, text: '' };
const refused = (why: string): Evaluation => ({ ...failed, refused: why });
