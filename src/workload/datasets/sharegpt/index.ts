import { defineShareGpt } from './sharegpt.ts';

/** The first 10 000 turns of ShareGPT V3 (unfiltered, cleaned, split), wherever the file is from. */
const shareGptV3 = defineShareGpt({
  id: 'sharegpt-v3',
  title: 'the first 10 000 turns of ShareGPT V3, real conversations; fetched, or sharegpt-v3:FILE',
  file: 'optional',
  limit: 10_000,
  turnsSha256: 'e8eaa333b6f5ded52a42d61eb4fd965861713db7f5b4ddaef35a002b7cb0e74e',
});

/** Any other file of that format. */
const shareGptFile = defineShareGpt({
  id: 'sharegpt',
  title: 'turns of a file in the format of ShareGPT',
  file: 'required',
  limit: 10_000,
  turnsSha256: null,
});

export const shareGptDatasets = [shareGptV3, shareGptFile] as const;
