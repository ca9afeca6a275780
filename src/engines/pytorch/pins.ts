/**
 * What `bench engine install pytorch` asks pip for. The versions are those that were tried; what
 * they need besides is pip's choice, and recorded in the manifest.
 */
export const requirements = {
  torch: '2.13.0',
  transformers: '5.23.0',
  gguf: '0.19.0',
} as const;

/**
 * Bytes over the network, measured with pip on Linux x64: torch is 0.5 GB, the CUDA libraries that it
 * wants at import are 2.2 GB, also where there is no GPU. Elsewhere nobody has looked.
 */
export const installBytes: Readonly<Record<string, number>> = { 'linux-x64': 2_800_000_000 };
