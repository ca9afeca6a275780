import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { BenchError, packageFile, pathTrouble } from '../../../core/index.ts';

const aboutFile = 'cheat.json';
const aboutSchema = z.object({
  does: z.string(),
  writtenAgainst: z.string().nullable(),
  needs: z.literal('lasting-place').nullable().default(null),
});

/** A server that cheats, in front of a scenario's oracle. */
export interface Cheat {
  id: string;
  does: string;
  /** The check that it was written against. */
  writtenAgainst: string | null;
  /** `lasting-place`: a file outside of its folder that outlives a launch. Null: nothing. */
  needs: 'lasting-place' | null;
  /** Paths of its files, those included that all cheats of its folder share. */
  files: string[];
}

export const shippedCheats = packageFile('assets/cheats');

/**
 * The cheats of a folder: a folder each, with start_server.sh or main.mjs, and cheat.json that says
 * what it does. Files beside these folders belong to all of them.
 * @throws BenchError USAGE_CHEATS
 */
export async function readCheats(dir: string): Promise<Cheat[]> {
  const refuse = (why: string) =>
    new BenchError('USAGE_CHEATS', `Cheats in "${dir}": ${why}.`, {
      hint: 'It has a folder for each: start_server.sh or main.mjs, and cheat.json ({"does": "...", "writtenAgainst": "usage"}).',
    });
  const entries = await readdir(dir, { withFileTypes: true }).catch((error: unknown) => {
    throw refuse(pathTrouble(error, 'folder'));
  });
  const shared = entries.filter((one) => one.isFile()).map(({ name }) => join(dir, name));
  const ids = entries.filter((one) => one.isDirectory()).map(({ name }) => name);
  if (ids.length === 0) throw refuse('there is no folder in it');
  return Promise.all(
    ids.toSorted().map(async (id): Promise<Cheat> => {
      const own = (await readdir(join(dir, id))).map((name) => join(dir, id, name));
      const files = [...shared, ...own.filter((path) => basename(path) !== aboutFile)];
      if (!own.some((path) => /^(start_server\.sh|main\.mjs)$/.test(basename(path)))) {
        throw refuse(`${id} has neither start_server.sh nor main.mjs`);
      }
      try {
        const about = aboutSchema.parse(
          JSON.parse(await readFile(join(dir, id, aboutFile), 'utf8')),
        );
        return { id, ...about, files };
      } catch (error) {
        const why =
          error instanceof z.ZodError
            ? 'it has not both "does" and "writtenAgainst"'
            : pathTrouble(error, 'file');
        throw refuse(`${id}/${aboutFile}: ${why}`);
      }
    }),
  );
}
