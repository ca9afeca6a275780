import type { AskedQuestions } from '../../model/index.ts';
import { burstConsistency } from './burst-consistency.ts';
import { canaries } from './canaries.ts';
import { cannedAnswers } from './canned-answers.ts';
import type { Check } from './check.ts';
import { failures } from './failures.ts';
import { modelFile, planted, staticRules } from './files.ts';
import { firstChunk } from './first-chunk.ts';
import { createGreedyMatch } from './greedy-match.ts';
import { heldBack } from './held-back.ts';
import { inputTruncation } from './input-truncation.ts';
import { openedFiles } from './opened-files.ts';
import { outputLength } from './output-length.ts';
import { physicalFloor } from './physical-floor.ts';
import { network, survivors } from './processes.ts';
import { createQuality } from './quality.ts';
import { relaunch, repeat } from './repeat.ts';
import { timedConsistency } from './timed-consistency.ts';
import { tokenDivergence } from './token-divergence.ts';
import type { TokenMatch } from './token-match.ts';
import { usage } from './usage.ts';

/** Every check, in the order in which they are told. A new one is a file here and a line in this list. */
export const createChecks = (found: {
  match(match: TokenMatch): void;
  questions(asked: AskedQuestions): void;
}): readonly Check[] => [
  failures,
  createGreedyMatch(found.match),
  createQuality(found.questions),
  usage,
  outputLength,
  firstChunk,
  heldBack,
  physicalFloor,
  repeat,
  relaunch,
  cannedAnswers,
  inputTruncation,
  canaries,
  burstConsistency,
  timedConsistency,
  tokenDivergence,
  network,
  survivors,
  planted,
  modelFile,
  staticRules,
  openedFiles,
];
