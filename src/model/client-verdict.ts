/** Bounds of what the client itself may have added, milliseconds at p99; null = not measured. */
export interface ClientErrorMs {
  ttft: number | null;
  ttftService: number | null;
  itl: number | null;
  e2e: number | null;
}

/** Whether a level's numbers are the server's, with the reason in one line. */
export interface ClientVerdict {
  verdict: 'ok' | 'degraded' | 'bottleneck';
  reason: string;
  errorMs: ClientErrorMs;
}
