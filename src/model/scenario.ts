import type { ScenarioClass, SubmissionPolicy } from './trial.ts';

/** Lengths are drawn evenly from [lowShare x max, max]. */
export interface TokenRange {
  max: number;
  lowShare: number;
}

/** How requests arrive: all at once, or at a rate; never more than `maxInFlight` at a time. */
export interface LoadProfile {
  id: string;
  arrival: 'burst' | 'poisson' | 'constant';
  requests: number;
  maxInFlight: number;
  /** Where it starts; doubled with the request count while a side is rate-limited. Null: burst. */
  rateRps: number | null;
  inputTokens: TokenRange;
  outputTokens: TokenRange;
}

/** Greedy tokens, and how many of them the reference would have chosen in their place, or nearly. */
export interface TokenAgreement {
  tokens: number;
  agree: number;
}

/** How far an honest server was from the reference. */
export interface HonestVariant {
  id: string;
  description: string;
  /** Greedy answers, one at a time. */
  alone: TokenAgreement;
  /** The same in a burst of eight. */
  burst: TokenAgreement;
  /**
   * Answers at the scenario's temperature: nats a token by which they are less probable than the
   * reference's own would be; null where the temperature is 0.
   */
  sampled: { tokens: number; meanNats: number; seNats: number } | null;
}

/** The reference against servers that are honest and compute otherwise: what no check may fail. */
export interface NoiseFloor {
  /** ISO date. */
  measuredOn: string;
  /** The command that measured it. */
  how: string;
  machine: string;
  /** Of bench and of the engines, by id. */
  versions: Record<string, string>;
  variants: HonestVariant[];
}

/** One size of a scenario. */
export interface ScenarioSize {
  /** False: its scores say nothing about other machines and models. */
  comparable: boolean;
  model: string;
  maxModelTokens: number;
  budgetS: number;
  temperature: number;
  /** Every answer has the length that was asked for. */
  ignoreEos: boolean;
  /** Profiles have no request in common. */
  disjointProfiles: boolean;
  profiles: LoadProfile[];
  /** Each pair names one repeat: the agent's own set and the evaluation's. */
  seeds: { dev: number; eval: number }[];
  reference: {
    kind: 'pytorch' | 'launcher';
    description: string;
    /**
     * Who counts tokens and replays answers where a launcher is the reference: the PyTorch reference
     * server beside it, or the launcher itself, which then has `/tokenize` and `/v1/score`. Absent:
     * itself.
     */
    witness?: 'pytorch' | 'itself';
    /**
     * How much slower or faster it may become in a trial before that is an infra error; absent: 1.3
     * (full), 2 (small).
     */
    driftAtMost?: number;
    /**
     * It is asked `least` requests of each profile, in an order of their hash, and more until the 95 %
     * half-width of what is scored is below the share `until`. Absent: all requests.
     */
    subset?: { least: number; until: number };
  };
  /** Non-inferiority against the reference's answers; null = the scoring has its own correctness. */
  quality: {
    marginPoints: number;
    minQuestions: number;
    /**
     * File of questions (JSON or JSON Lines in the form of MMLU-Pro), relative to the scenario's folder;
     * absent: the facts that come with bench.
     */
    questions?: string;
    /** Questions under way at once; absent: as many as requests of the first profile. */
    maxInFlight?: number;
  } | null;
  /** Absent: checks use limits that hold for every scenario. */
  noiseFloor?: NoiseFloor;
  limits: { cpus: number; memoryGiB: number; accelerator: string | null; network: boolean };
}

/** `scenario.json`: a scenario of the arena as data. */
export interface Scenario {
  schema: 'inferencebench.scenario.v1';
  id: string;
  /** As boards abbreviate it: `A`. */
  label: string;
  title: string;
  description: string;
  /** Where its parameters come from, and what of them is our choice. */
  source: string;
  /** Id of its scoring rules. */
  scoring: string;
  policy: SubmissionPolicy;
  classes: Record<ScenarioClass, ScenarioSize>;
}
