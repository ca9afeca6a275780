import picocolors from 'picocolors';

/** The few colours that terminal output uses; each is the identity when colours are off. */
export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  yellow(text: string): string;
  green(text: string): string;
  cyan(text: string): string;
}

export function createPaint(color: boolean): Paint {
  const { bold, dim, red, yellow, green, cyan } = picocolors.createColors(color);
  return { bold, dim, red, yellow, green, cyan };
}
