import type { Dispatcher } from 'undici';
import type { EngineContext } from './context.ts';

/**
 * HTTP for the outside world: follows redirects and the proxy variables of the environment
 * (`https_proxy`, `http_proxy`, `no_proxy`, either case). Not for talking to engines.
 */
export async function createHttpClient(ctx: EngineContext): Promise<Dispatcher> {
  // Costs 100 ms to load, and most commands never download.
  const { EnvHttpProxyAgent, interceptors } = await import('undici');
  const variable = (name: string) => ctx.env[name] || ctx.env[name.toUpperCase()] || '';
  return new EnvHttpProxyAgent({
    httpProxy: variable('http_proxy'),
    httpsProxy: variable('https_proxy'),
    noProxy: variable('no_proxy'),
    connect: { timeout: 5_000 },
    headersTimeout: 20_000,
    bodyTimeout: 30_000,
  }).compose(interceptors.redirect({ maxRedirections: 5 }));
}
