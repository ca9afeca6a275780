import { open } from 'node:fs/promises';
import { BenchError } from '../core/index.ts';
import { fileTypes } from './gguf-file-types.ts';
import { GgufReader } from './gguf-reader.ts';

/** What the header of a GGUF file says; null where it does not. */
export interface GgufInfo {
  version: number;
  architecture: string | null;
  name: string | null;
  /** `135M`. */
  sizeLabel: string | null;
  /** Longest context the model was trained for, tokens. */
  contextLength: number | null;
  blockCount: number | null;
  /** As llama.cpp names it: `Q4_1`, `Q4_K_M`, `F16`. */
  quant: string | null;
  /** Sum over all tensors. */
  parameters: number;
  tensors: number;
  /** Scalars and strings of the header; arrays only as their length under `<key>.length`. */
  metadata: Record<string, string | number | boolean>;
}

/**
 * Reads the header of a GGUF file (v2 and v3, little endian), not its weights.
 * Format: github.com/ggml-org/ggml, docs/gguf.md.
 * @throws BenchError `PREREQ_MODEL_FORMAT` when it is not one, or is cut off in its header.
 */
export async function readGguf(path: string): Promise<GgufInfo> {
  const handle = await open(path, 'r').catch((error: unknown) => {
    throw new BenchError('PREREQ_MODEL_MISSING', `Cannot open model file ${path}.`, {
      hint: 'Give the path of a GGUF file that is there and can be read, or --model ID of one that bench fetches: bench model list.',
      cause: error,
    });
  });
  try {
    return await readHeader(new GgufReader(handle, path));
  } finally {
    await handle.close();
  }
}

async function readHeader(reader: GgufReader): Promise<GgufInfo> {
  if ((await reader.text(4)) !== 'GGUF') throw reader.error('it does not begin with "GGUF"');
  const version = await reader.uint32();
  if (version < 2 || version > 3) throw reader.error(`GGUF version ${version} is not known`);
  const tensors = await reader.uint64();
  const entries = await reader.uint64();
  const metadata: GgufInfo['metadata'] = {};
  for (let i = 0; i < entries; i++) {
    const key = await reader.string();
    const value = await readValue(reader, await reader.uint32());
    if (typeof value === 'object') metadata[`${key}.length`] = value.length;
    else metadata[key] = value;
  }
  let parameters = 0;
  for (let i = 0; i < tensors; i++) parameters += await readTensorSize(reader);

  const architecture = textAt(metadata, 'general.architecture');
  const fileType = numberAt(metadata, 'general.file_type');
  return {
    version,
    architecture,
    name: textAt(metadata, 'general.name'),
    sizeLabel: textAt(metadata, 'general.size_label'),
    contextLength: numberAt(metadata, `${architecture}.context_length`),
    blockCount: numberAt(metadata, `${architecture}.block_count`),
    quant: fileType === null ? null : (fileTypes[fileType] ?? null),
    parameters,
    tensors,
    metadata,
  };
}

async function readTensorSize(reader: GgufReader): Promise<number> {
  await reader.string();
  const dimensions = await reader.uint32();
  let size = 1;
  for (let i = 0; i < dimensions; i++) size *= await reader.uint64();
  await reader.take(4 + 8);
  return size;
}

const stringType = 8;
const arrayType = 9;
/** Bytes of the value types 0..12 of fixed size. */
const valueBytes = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8];

async function readValue(
  reader: GgufReader,
  type: number,
): Promise<string | number | boolean | { length: number }> {
  if (type === stringType) return reader.string();
  if (type === arrayType) {
    const itemType = await reader.uint32();
    const length = await reader.uint64();
    if (itemType === stringType || itemType === arrayType) {
      for (let i = 0; i < length; i++) await readValue(reader, itemType);
    } else {
      await reader.skip(length * sizeOf(reader, itemType));
    }
    return { length };
  }
  const bytes = await reader.take(sizeOf(reader, type));
  switch (type) {
    case 0:
      return bytes.readUInt8();
    case 1:
      return bytes.readInt8();
    case 2:
      return bytes.readUInt16LE();
    case 3:
      return bytes.readInt16LE();
    case 4:
      return bytes.readUInt32LE();
    case 5:
      return bytes.readInt32LE();
    case 6:
      return bytes.readFloatLE();
    case 7:
      return bytes.readUInt8() !== 0;
    case 10:
      return Number(bytes.readBigUInt64LE());
    case 11:
      return Number(bytes.readBigInt64LE());
    default:
      return bytes.readDoubleLE();
  }
}

function sizeOf(reader: GgufReader, type: number): number {
  const bytes = valueBytes[type];
  if (!bytes) throw reader.error(`value type ${type} is not known`);
  return bytes;
}

function textAt(metadata: GgufInfo['metadata'], key: string): string | null {
  const value = metadata[key];
  return typeof value === 'string' ? value : null;
}

function numberAt(metadata: GgufInfo['metadata'], key: string): number | null {
  const value = metadata[key];
  return typeof value === 'number' ? value : null;
}
