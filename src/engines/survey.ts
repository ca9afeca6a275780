import { isBenchError, messageOf } from '../core/index.ts';
import { type DoctorCheck, fail, ok } from './check.ts';
import type { EngineContext } from './context.ts';
import type { Engine, InstalledEngine, LocateOptions } from './engine.ts';
import type { SourceOffer } from './sources.ts';

/** Where an engine stands on this machine. */
export interface EngineSurvey {
  installed: InstalledEngine | null;
  /** What was looked at, `installed` first. */
  checks: DoctorCheck[];
  /** Why it cannot run here as things are; null = it can. */
  obstacle: string | null;
  /** What an install would fetch; empty where `bench` installs none. */
  sources: SourceOffer[];
}

/** Looks, without fetching or changing anything. */
export async function surveyEngine(
  ctx: EngineContext,
  engine: Engine,
  options: LocateOptions = {},
): Promise<EngineSurvey> {
  const sources = await engine.sources(ctx);
  let installed: InstalledEngine | null = null;
  let refused: DoctorCheck | null = null;
  try {
    installed = await engine.locate(ctx, options);
  } catch (error) {
    if (!isBenchError(error)) throw error;
    refused = { check: 'installed', ...fail(messageOf(error), error.hint ?? 'See above.') };
  }
  const rejected = installed === null ? ((await engine.rejected?.(ctx)) ?? []) : [];
  const checks = [
    refused ?? { check: 'installed', ...describeInstalled(engine, installed, sources, rejected) },
    ...(await engine.checks(ctx, installed)),
  ];
  const obstacle = checks.find(({ status }) => status === 'fail')?.message ?? null;
  return { installed, checks, obstacle, sources };
}

function describeInstalled(
  engine: Engine,
  installed: InstalledEngine | null,
  sources: readonly SourceOffer[],
  rejected: readonly string[],
) {
  if (installed) return ok(`${installed.version} (${installed.source}: ${installed.path}).`);
  const state = rejected.length === 0 ? 'not installed.' : `not usable: ${rejected.join('; ')}.`;
  const usable = sources.filter(({ unavailable }) => unavailable === null);
  if (usable.length > 0) {
    const from = usable.map((offer) => `${offer.from}${sizeOf(offer)}`).join(', or ');
    return fail(state, `bench engine install ${engine.id} takes it from ${from}`);
  }
  const why = sources.map(({ from, unavailable }) => `${from}: ${unavailable}`).join('; ');
  return fail(state, `Nothing to install it from (${why}). Give --engine-path.`);
}

const sizeOf = ({ bytes }: SourceOffer) =>
  bytes === null ? '' : ` (${(bytes / 1e6).toFixed(0)} MB)`;
