import { BenchError } from '../core/index.ts';

/** A kind of stored JSON file, in the words of its errors. */
export interface StoredKind {
  /** The value of its `schema` field in this version. */
  schemaId: string;
  /** `a result` */
  what: string;
  /** Who wrote it is named by this: `the result`. */
  written: string;
  /** Loaded when needed: zod takes longer than most commands. */
  loadSchema(): Promise<StoredSchema>;
  /** The next step where the shape is wrong. */
  hint: string;
}

/** Of zod, what is used. */
interface StoredSchema {
  safeParse(
    value: unknown,
  ):
    | { success: true }
    | { success: false; error: { issues: { path: PropertyKey[]; message: string }[] } };
}

/**
 * Checks that a value is of its kind and returns it as it came: fields that this version does not
 * know are kept.
 *
 * @param origin names the value in errors: a path or a URL.
 * @throws BenchError RESULT_CORRUPT, RESULT_UNKNOWN_SCHEMA
 */
export async function checkStored<T>(value: unknown, origin: string, kind: StoredKind): Promise<T> {
  const { schemaId, what, written, hint } = kind;
  const schema = (value as { schema?: unknown } | null)?.schema;
  if (typeof schema === 'string' && schema !== schemaId) {
    throw new BenchError('RESULT_UNKNOWN_SCHEMA', `"${origin}" has schema "${schema}".`, {
      hint: `This version reads ${schemaId}: use the version of bench that wrote ${written}, or a newer one.`,
    });
  }
  const parsed = (await kind.loadSchema()).safeParse(value);
  if (parsed.success) return value as T;
  const issues = parsed.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join('.')}: ${message}`,
  );
  throw new BenchError('RESULT_CORRUPT', `"${origin}" is not ${what}: ${issues[0]}.`, {
    hint,
    details: { issues },
  });
}
