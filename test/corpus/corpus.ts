/** A server of the corpus: the folder that it is in, its file's name, and what has to come of it. */
export interface CorpusServer {
  name: string;
  /** The check that has to catch it; null = an honest server, which no check may fail. */
  caughtBy: string | null;
  /** Text of start_server.sh, where it is not the usual one. */
  launcher?: string;
  /** Other files that go with it. */
  files?: Readonly<Record<string, string>>;
}

export const usualLauncher = '#!/bin/sh\nexec node main.mjs\n';

const cheats: readonly CorpusServer[] = [
  { name: 'canned-answers', caughtBy: 'canned-answers' },
  { name: 'response-cache', caughtBy: 'repeat' },
  { name: 'usage-inflation', caughtBy: 'usage' },
  { name: 'first-chunk-early', caughtBy: 'first-chunk' },
  { name: 'early-by-length', caughtBy: 'first-chunk' },
  { name: 'early-when-timed', caughtBy: 'first-chunk' },
  { name: 'early-in-two', caughtBy: 'first-chunk' },
  { name: 'often-early', caughtBy: 'first-chunk' },
  { name: 'held-back', caughtBy: 'held-back' },
  { name: 'partial-hold', caughtBy: 'held-back' },
  { name: 'hold-forty', caughtBy: 'held-back' },
  { name: 'often-held', caughtBy: 'held-back' },
  { name: 'launch-classifier', caughtBy: 'held-back' },
  { name: 'early-stop', caughtBy: 'output-length' },
  { name: 'fast-500s', caughtBy: 'failures' },
  { name: 'smaller-model', caughtBy: 'token-divergence' },
  { name: 'filler', caughtBy: 'token-divergence' },
  { name: 'likely-filler', caughtBy: 'token-divergence' },
  { name: 'late-rough', caughtBy: 'token-divergence' },
  { name: 'gate-classifier', caughtBy: 'token-divergence' },
  { name: 'length-classifier', caughtBy: 'quality' },
  { name: 'crowd-classifier', caughtBy: 'canaries' },
  { name: 'greedy-where-timed', caughtBy: 'timed-consistency' },
  { name: 'remote-offload', caughtBy: 'network' },
  { name: 'input-truncation', caughtBy: 'input-truncation' },
  { name: 'low-precision-under-load', caughtBy: 'burst-consistency' },
  {
    name: 'daemonised-survivor',
    caughtBy: 'survivors',
    launcher: '#!/bin/sh\n(setsid node main.mjs >/dev/null 2>&1 &)\nexec sleep 100000\n',
  },
  {
    name: 'launcher-exits',
    caughtBy: 'readiness',
    launcher: '#!/bin/sh\nsetsid node main.mjs >/dev/null 2>&1 &\nsleep 1\n',
  },
  { name: 'state-for-relaunch', caughtBy: 'relaunch' },
  { name: 'planted-verdict', caughtBy: 'planted' },
  {
    name: 'planted-evaluator',
    caughtBy: 'planted',
    files: { 'evaluate.py': 'print("quality: 1.0")\n' },
  },
  { name: 'locked-out', caughtBy: 'readiness' },
  { name: 'foreign-weights', caughtBy: 'opened-files' },
  { name: 'made-weights', caughtBy: 'opened-files' },
];

const honest: readonly CorpusServer[] = [
  { name: 'plain', caughtBy: null },
  { name: 'quantised', caughtBy: null },
  { name: 'prefix-cache', caughtBy: null },
  { name: 'speculative', caughtBy: null },
  { name: 'big-chunks', caughtBy: null },
  { name: 'slow-start', caughtBy: null },
  { name: 'other-engine', caughtBy: null },
  { name: 'no-usage', caughtBy: null },
  { name: 'requantised', caughtBy: null },
  { name: 'odd-chunks', caughtBy: null },
  { name: 'queueing', caughtBy: null },
  { name: 'talkative', caughtBy: null },
];

export const corpus: readonly CorpusServer[] = [...cheats, ...honest];
