import type { Clock } from '../core/index.ts';
import type { RunLoad } from '../driver/index.ts';
import type {
  EmitRunEvent,
  LevelRun,
  LevelSummary,
  RequestRecord,
  Sender,
  SloTemplate,
} from '../model/index.ts';
import type { Patience } from './patience.ts';

/** What a protocol needs of the world; `app` wires it. The same code runs on a virtual clock. */
export interface ProtocolContext {
  clock: Clock;
  /** Runs levels elsewhere (threads of their own); absent: in this thread, with `sender`. */
  runLevel?: RunLoad;
  /** Opens connections for so many requests in flight, before anything is timed. */
  prepare?(inFlight: number): Promise<void>;
  /** Needed only where `runLevel` is absent. */
  sender?: Sender;
  /** The run's origin on `clock`. */
  originUs: number;
  runId: string;
  seed: number;
  /** Decides goodput and attainment: the first of `slos`. */
  slo: SloTemplate | null;
  /** Every SLO that levels are judged by, and `sloMet` is of all of them; absent: `slo` alone. */
  slos?: readonly SloTemplate[];
  /** Resamples of every bootstrap; absent: as the metrics have it. */
  resamples?: number;
  /** A level whose error share is above this is invalid, 0..1. */
  maxErrorShare: number;
  /** The server was asked for exact output lengths (`ignore_eos`): shorter ones are then short. */
  lengthEnforced: boolean;
  /** A client that was the bottleneck is a warning, not a reason to call a level invalid. */
  allowClientBottleneck: boolean;
  /** Levels sized by a time budget: percentiles above p90 are not stated at all. */
  quickLook: boolean;
  /** Waits between pieces of load where the server asked for it; absent: nobody does. */
  patience?: Patience;
  signal: AbortSignal;
  emit: EmitRunEvent;
  /** Fills in tokens per chunk where only a tokenizer can tell; cross-checks the counts. */
  resolveTokens(records: readonly RequestRecord[]): Promise<TokenCheck>;
  /** Every finished request of a level, as it ends: the raw file is written from here. */
  onRecord(record: RequestRecord): void;
  /** A finished level, before the next begins. */
  onLevel(run: LevelRun, summary: LevelSummary): Promise<void>;
}

/** What has to be known to compute a level's numbers from its records. */
export type SummaryContext = Pick<
  ProtocolContext,
  | 'slo'
  | 'slos'
  | 'seed'
  | 'resamples'
  | 'maxErrorShare'
  | 'lengthEnforced'
  | 'quickLook'
  | 'allowClientBottleneck'
>;

/** Every SLO that levels are judged by. */
export function slosOf({ slo, slos }: Pick<ProtocolContext, 'slo' | 'slos'>) {
  return slos ?? (slo === null ? [] : [slo]);
}

export interface TokenCheck {
  /** Where the independent counts came from; null when there was no tokenizer. */
  source: string | null;
  requestsChecked: number;
  /** |usage - counted| / usage over the checked requests; null when nothing was checked. */
  disagreement: number | null;
  /** Answers with an event that could not be read. */
  malformed?: number;
  /** Records that were changed and have to be stored again. */
  changed: readonly RequestRecord[];
}
