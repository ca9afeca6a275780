/** What hardware or tokens cost, by whom and when. */
export type Price = InstancePrice | TokenPrice;

interface Dated {
  /** Who says so: a page, a contract, the flag. */
  source: string;
  /** Day or month on which it was so, ISO 8601. */
  date: string;
}

/** Hardware by the hour. */
export interface InstancePrice extends Dated {
  kind: 'instance';
  /** What the price is of: `H100`, `8x H100 on demand`. */
  item: string;
  /** Of everything that serves the model together. */
  usdPerHour: number;
}

/** What the requests of a run came to, warm-up and preflight included. */
export interface Spending {
  requests: number;
  inputTokens: number;
  outputTokens: number;
  /** Requests for which the server told no usage, counted by our own count. */
  requestsWithoutUsage: number;
  /** By `price`, with all input at its full price; null where that is not known. */
  usd: number | null;
  price: TokenPrice | null;
  /** What it was limited to. */
  maxTotalTokens: number | null;
  maxCostUsd: number | null;
}

/** A provider's list price. */
export interface TokenPrice extends Dated {
  kind: 'tokens';
  /** Model at host. */
  item: string;
  usdPerMillionInput: number;
  /** Of prompt tokens read from the provider's cache; null: as other input. */
  usdPerMillionCachedInput: number | null;
  usdPerMillionOutput: number;
}
