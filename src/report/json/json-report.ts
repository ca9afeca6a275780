import type { Report } from '../report.ts';
import { toStdoutObject } from './stdout-object.ts';

/** The object of `--json`, on one line. */
export const jsonReport: Report = {
  id: 'json',
  title: 'One JSON object, as `--json` prints it',
  render: ({ envelope, outputDir }) =>
    `${JSON.stringify(toStdoutObject(envelope, outputDir ?? null))}\n`,
};
