/** How much slower or faster a reference may have become, by class. */
export const mostDrift = { full: 1.3, small: 2 } as const;
