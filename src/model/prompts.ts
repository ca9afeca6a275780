/** Where the prompts of a run come from, and what they were: enough to make or check them again. */
export interface PromptProvenance {
  /** Id of the data set; `-fit-8192` behind it where lengths were limited to a context. */
  dataset: string;
  /** `generated`, a path, a package or a repository. */
  source: string;
  revision: string | null;
  /** SHA-256 of the source's file; null for generated text. */
  sourceSha256: string | null;
  /** Which rows are taken and in which order, or how text is made; plan.jsonl lists each request. */
  rule: string;
  /** What counted the lengths; null = they are estimates. */
  tokenizer: string | null;
  /** Rows that the run could send: counted, and short enough; null for generated text. */
  rows: number | null;
  /** Rows left out because they do not fit the context; null for generated text. */
  rowsLeftOut: number | null;
  /** Null: nobody could tell. */
  lengthCheck: LengthCheck | null;
  /** Counted requests that were sent, all levels together. */
  requests: number;
  /** The first of them, whose texts were looked at: hash, unique prompts and reuse are of these. */
  requestsLookedAt: number;
  /**
   * SHA-256 over a line `[level,index,inputTokens,outputTokens,"sha256 of the prompt"]` for each of
   * them, in order; null before the first level.
   */
  requestsSha256: string | null;
  uniquePrompts: number;
  /**
   * Share of the characters that stand in a beginning which an earlier prompt had already, in whole
   * blocks of 64; null before the first level. A prefix cache may take that much.
   */
  prefixReuseShare: number | null;
  input: LengthComparison;
  output: LengthComparison;
}

/** Before the run: prompts as planned against the server's own count. */
export interface LengthCheck {
  /** `server /tokenize`, `server usage`. */
  source: string;
  prompts: number;
  /** Every prompt had exactly the tokens planned. */
  exact: boolean;
  /** Largest difference, tokens. */
  largestErrorTokens: number;
  /** Tokens of chat template and special tokens around a prompt of one message; null = not known. */
  overheadTokens: number | null;
  /** One prompt was generated from: its usage equals the count. Null = no usage, or not tried. */
  usageAgrees: boolean | null;
}

/** Lengths of the requests that succeeded and whose usage the server told, tokens. */
export interface LengthComparison {
  asked: LengthFigures;
  achieved: LengthFigures;
}

export interface LengthFigures {
  count: number;
  mean: number | null;
  min: number | null;
  p50: number | null;
  p90: number | null;
  max: number | null;
  /** Requests with more tokens than the bucket before has, up to `upTo`: powers of two. */
  histogram: { upTo: number; count: number }[];
}
