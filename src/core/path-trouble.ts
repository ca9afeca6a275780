import { messageOf } from './errors.ts';

/**
 * What is wrong with a path that somebody named, in words that can follow "PATH: ". Of what is no
 * error of the file system: its message, or that the text is not JSON.
 */
export function pathTrouble(error: unknown, wanted: 'file' | 'folder'): string {
  if (error instanceof SyntaxError) return `it is not JSON (${error.message})`;
  switch ((error as { code?: unknown } | null)?.code) {
    case 'ENOENT':
      return `there is no such ${wanted}`;
    case 'EISDIR':
      return 'it is a folder, not a file';
    case 'ENOTDIR':
      return wanted === 'folder'
        ? 'it, or a part of its path, is a file, not a folder'
        : 'a part of its path is a file, not a folder';
    case 'EACCES':
    case 'EPERM':
      return 'you may not read it';
    default:
      return messageOf(error);
  }
}
