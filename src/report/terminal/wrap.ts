/** Breaks text at spaces into lines of at most `width` characters; longer words stay whole. */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  lines.push(line);
  return lines;
}

type PaintText = (text: string) => string;

/**
 * Wrapped text whose first line starts after `head` and the others below it. Colours are put on
 * afterwards, as wrapping counts characters: `text` on each line, `head` on the head.
 */
export function hangingLines(
  head: string,
  text: string,
  width: number,
  paint: { head?: PaintText; text?: PaintText } = {},
): string[] {
  const { head: paintHead = String, text: paintText = String } = paint;
  return wrapText(text, Math.max(20, width - head.length)).map(
    (line, i) => `${i === 0 ? paintHead(head) : ' '.repeat(head.length)}${paintText(line)}`,
  );
}
