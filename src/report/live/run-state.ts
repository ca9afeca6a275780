import type { LevelProgress, LoadSpec, RunEvent, RunPhase } from '../../model/index.ts';

/** What a watcher of a run knows at a moment. */
export interface RunState {
  phase: RunPhase | null;
  message: string;
  level: { index: number; levels: number; load: LoadSpec; requests: number | null } | null;
  progress: LevelProgress | null;
  /** Output tokens per second, newest last; at most `historyLength` values of the running level. */
  throughput: number[];
  /** Downloads under way, by what is fetched. */
  downloads: Map<string, { doneBytes: number; totalBytes: number | null }>;
}

const historyLength = 120;

export function createRunState(): RunState {
  return {
    phase: null,
    message: '',
    level: null,
    progress: null,
    throughput: [],
    downloads: new Map(),
  };
}

/** Takes an event into the state, in place. */
export function applyRunEvent(state: RunState, event: RunEvent): void {
  switch (event.kind) {
    case 'phase':
      state.phase = event.name;
      state.message = event.message;
      state.downloads.clear();
      if (event.name !== 'measure') forgetLevel(state);
      return;
    case 'download':
      state.downloads.set(event.what, event);
      if (event.totalBytes !== null && event.doneBytes >= event.totalBytes) {
        state.downloads.delete(event.what);
      }
      return;
    case 'level-start':
      forgetLevel(state);
      state.level = event;
      return;
    case 'progress':
      state.progress = event.progress;
      if (event.progress.outputTokensPerS !== null) {
        state.throughput.push(event.progress.outputTokensPerS);
        if (state.throughput.length > historyLength) state.throughput.shift();
      }
      return;
    case 'level-end':
      forgetLevel(state);
      return;
    case 'log':
    case 'finding':
      return;
  }
}

function forgetLevel(state: RunState): void {
  state.level = null;
  state.progress = null;
  state.throughput = [];
}
