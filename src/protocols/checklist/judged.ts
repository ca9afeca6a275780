import type { ChecklistRow } from '../../model/index.ts';

/** What a row comes to, and the fact that decided it. */
export type Judged = Pick<ChecklistRow, 'verdict' | 'fact'>;
