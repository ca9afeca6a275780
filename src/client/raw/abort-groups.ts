/** What is under way, by the signal that cancels it. */
export interface AbortGroups<T> {
  join(signal: AbortSignal, item: T): void;
  leave(signal: AbortSignal, item: T): void;
}

/**
 * One listener per signal, however many items it cancels: a signal looks through all of its
 * listeners for each that is added or removed, and a whole level of load shares one.
 */
export function createAbortGroups<T>(onAbort: (item: T) => void): AbortGroups<T> {
  const groups = new Map<AbortSignal, { items: Set<T>; listener: () => void }>();
  return {
    join(signal, item) {
      let group = groups.get(signal);
      if (group === undefined) {
        const items = new Set<T>();
        const listener = () => {
          for (const one of [...items]) onAbort(one);
        };
        group = { items, listener };
        groups.set(signal, group);
        signal.addEventListener('abort', listener);
      }
      group.items.add(item);
    },
    leave(signal, item) {
      const group = groups.get(signal);
      if (group === undefined) return;
      group.items.delete(item);
      if (group.items.size > 0) return;
      signal.removeEventListener('abort', group.listener);
      groups.delete(signal);
    },
  };
}
