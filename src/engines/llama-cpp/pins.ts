import type { WheelPin } from '../pip-install.ts';

export interface ReleaseAsset {
  file: string;
  bytes: number;
  sha256: string;
}

/**
 * The official build. The digests are those that independent public projects pin for this
 * release, equal in two or more of them for every file; we could not reach GitHub to read the
 * release's own list. A wrong one can only make this source refuse.
 */
export const release = {
  repository: 'ggml-org/llama.cpp',
  tag: 'b11120',
  assets: {
    'linux-x64': {
      file: 'llama-b11120-bin-ubuntu-x64.tar.gz',
      bytes: 16_997_245,
      sha256: 'cae70da61dc74e3012418f7a4b6750eadc6fd0a8fb03270022d471b675e5b4cd',
    },
    'linux-arm64': {
      file: 'llama-b11120-bin-ubuntu-arm64.tar.gz',
      bytes: 13_588_955,
      sha256: '32a3b84113d3439dfde3ba8488b644ff18e5a2847a8556f18e5e7ee65acf30dc',
    },
    'darwin-x64': {
      file: 'llama-b11120-bin-macos-x64.tar.gz',
      bytes: 11_235_287,
      sha256: '538689fdbb2695a416f4c57baaaa4cf0368774ea22f7180c2ef0e5e1f3eccdfd',
    },
    'darwin-arm64': {
      file: 'llama-b11120-bin-macos-arm64.tar.gz',
      bytes: 11_205_150,
      sha256: 'f34a2df471a1a6cb4fafd5dacd5f63a54fdc43971235df4d05634ec760eff106',
    },
  } as Readonly<Record<string, ReleaseAsset>>,
} as const;

/** Sizes of the four wheels, which were downloaded and hashed with pip 23.2.1. */
const wheelBytes: Readonly<Record<string, number>> = {
  'linux-x64': 33_827_498,
  'linux-arm64': 32_870_844,
  'darwin-arm64': 12_152_949,
  'darwin-x64': 11_523_198,
};

/** The real llama.cpp HTTP server as a Python extension (MIT, by Xorbits). */
export const serverWheel: WheelPin = {
  name: 'xllamacpp',
  version: '2026.10.11549',
  hashes: [
    'c54e7d13520ecc989c63dc99d55de3065e2f343a91f43f053d16b5e62077c261',
    'e2a3e79e775515de4ad197e667f874070446ef9ac9cf2044bc9866bc4c72289e',
    '4ecda27a308b2403aa13c9d04b270befab95edc556c24ed00b2f8a98bd7f6781',
    '1f2a08052bb653659bcf1bedbbaf86b97f41dd46aa2763d596d7f27c5d89a689',
  ],
  hashedFor: (platform, arch) => `${platform}-${arch}` in wheelBytes,
  bytes: (platform, arch) => wheelBytes[`${platform}-${arch}`] ?? null,
};
