import type { TrialCheck } from '../../model/index.ts';

/** What a second opinion is asked; one JSON object. */
export interface OpinionQuestion {
  schema: 'inferencebench.opinion.v1';
  /** What to answer, and how. */
  task: string;
  /** Text of the submission stands between lines of this mark, which it cannot know. */
  fence: string;
  checks: readonly Pick<TrialCheck, 'id' | 'verdict' | 'evidence'>[];
  /** Each text between two fences; null = not text, or left out for its length. */
  files: readonly { path: string; bytes: number; text: string | null }[];
  /** Command lines seen while it ran, between two fences. */
  processes: string;
  /** Some of what it answered, each text between two fences. */
  answers: readonly { asked: string; text: string }[];
}

/** Somebody else's look at the evidence, for example a language model's. Resolves with its reply. */
export type SecondOpinion = (question: OpinionQuestion) => Promise<string>;
