/**
 * @param error of a request that did not get a connection
 * @returns whether this machine was the reason: too many open files, no port or memory left
 */
export function isOwnShortage(error: string | null): boolean {
  return error !== null && /\b(EMFILE|ENFILE|EADDRNOTAVAIL|ENOBUFS|ENOMEM)\b/.test(error);
}
