import type { Oracle, TokenScore } from './ports.ts';

/** The same oracle; the same reply to the same ask is replayed once. */
export function rememberScores(oracle: Oracle): Oracle {
  const known = new WeakMap<object, Map<string, Promise<readonly TokenScore[]>>>();
  return {
    ...oracle,
    score(ask, reply, temperature) {
      const replies = known.get(ask) ?? new Map<string, Promise<readonly TokenScore[]>>();
      known.set(ask, replies);
      const key = `${temperature}/${reply}`;
      const scored = replies.get(key) ?? oracle.score(ask, reply, temperature);
      replies.set(key, scored);
      return scored;
    },
  };
}
