/** One setting of an engine that moves its figures: what a search may turn. */
export interface Tunable {
  /** As the engine takes it: `--max-num-seqs`. */
  flag: string;
  type: 'integer' | 'number' | 'choice' | 'switch';
  /** Sensible limits for a search, both inclusive; absent for choices and switches. */
  range?: { low: number; high: number; scale: 'linear' | 'log2' };
  /** Of a choice. */
  choices?: readonly string[];
  /** What the engine takes by itself; null = it depends on the machine or the model. */
  default: string | number | boolean | null;
  /** Where it has an effect at all; null = everywhere. */
  condition: string | null;
  /** What is gained for what. */
  trades: string;
  /** Where that is written, with the engine's version. */
  source: string;
}
