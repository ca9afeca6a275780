import { BenchError } from '../core/index.ts';
import type { Finding } from '../model/index.ts';
import {
  type DatasetRow,
  formatLengthSpec,
  type LoadedDataset,
  meanLength,
  shareTooLong,
} from '../workload/index.ts';
import type { WorkloadRequest } from './workload-asked.ts';

/** The workload as it is sent. */
export interface FittedWorkload {
  dataset: LoadedDataset;
  /** Most tokens of a request, prompt and output together; null = as drawn. */
  fitTokens: number | null;
  /** Rows left out; null for generated text. */
  rowsLeftOut: number | null;
  findings: Finding[];
}

/** Above this share nothing of a distribution is left that its name could stand for. */
const mostTooLong = 0.99;

/**
 * A request fits when prompt and output together are not longer than the context. Where some do
 * not, the data set is refused, or with --fit-context limited to what fits, and renamed.
 *
 * @param contextTokens null = the server does not say
 * @throws BenchError WORKLOAD_CONTEXT with the share that does not fit
 */
export function fitContext(
  asked: WorkloadRequest,
  loaded: LoadedDataset,
  contextTokens: number | null,
): FittedWorkload {
  const fits: FittedWorkload = {
    dataset: loaded,
    fitTokens: null,
    rowsLeftOut: loaded.rows === null ? null : 0,
    findings: [],
  };
  if (contextTokens === null) {
    if (!asked.fitContext) return fits;
    throw new BenchError(
      'WORKLOAD_CONTEXT',
      '--fit-context: the server does not tell its context.',
      {
        hint: 'Leave it out, or choose lengths that fit: --input-tokens, --output-tokens.',
      },
    );
  }
  const outputOf = (row: DatasetRow) =>
    row.outputTokens ?? Math.round(meanLength(asked.outputTokens));
  const rowFits = (row: DatasetRow | null) =>
    row !== null && row.inputTokens + outputOf(row) <= contextTokens;
  const share =
    loaded.rows === null
      ? shareTooLong(
          { input: asked.inputTokens, output: asked.outputTokens },
          contextTokens - (loaded.prefix?.tokens ?? 0),
        )
      : 1 - loaded.rows.filter(rowFits).length / loaded.rows.filter((row) => row !== null).length;
  if (share === 0) return fits;
  if (!asked.fitContext || share > mostTooLong) throw tooLong(asked, loaded, contextTokens, share);
  const rows = loaded.rows?.map((row) => (rowFits(row) ? row : null)) ?? null;
  const id = `${loaded.id}-fit-${contextTokens}`;
  return {
    dataset: { ...loaded, id, rows },
    fitTokens: loaded.rows === null ? contextTokens : null,
    rowsLeftOut: loaded.rows?.filter((row) => row !== null && !rowFits(row)).length ?? null,
    findings: [
      {
        code: 'fit-to-context',
        severity: 'info',
        message: `${percent(share)} of ${loaded.id} does not fit the context of ${contextTokens} tokens and was ${rows === null ? 'drawn again' : 'left out'} (--fit-context): the data set is called ${id}, and is not to be compared with ${loaded.id}.`,
      },
    ],
  };
}

function tooLong(
  asked: WorkloadRequest,
  loaded: LoadedDataset,
  contextTokens: number,
  share: number,
): BenchError {
  const lengths =
    loaded.rows === null
      ? ` (prompts ${formatLengthSpec(asked.inputTokens)}, outputs ${formatLengthSpec(asked.outputTokens)})`
      : ` (of ${loaded.rows.filter((row) => row !== null).length} rows that this run would send)`;
  const rest =
    share > mostTooLong
      ? 'Serve the model with a longer context (--context-tokens), or choose shorter lengths.'
      : `--fit-context takes only what fits, under the name ${loaded.id}-fit-${contextTokens}; or serve the model with a longer context (--context-tokens).`;
  return new BenchError(
    'WORKLOAD_CONTEXT',
    `${percent(share)} of the requests of ${loaded.id}${lengths} do not fit the context of ${contextTokens} tokens.`,
    { hint: rest, details: { share, contextTokens } },
  );
}

const percent = (share: number) =>
  `${share < 0.1 ? (share * 100).toPrecision(2) : (share * 100).toFixed(1)} %`;
