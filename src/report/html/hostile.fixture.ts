import type { Envelope } from '../../model/index.ts';
import { makeEnvelope } from '../test-support.ts';

export const hostile =
  '</script><script>window.pwned=1</script><img src=http://evil.example/x onerror=pwned=1>';

/** A result whose every name tries to become markup. */
export function hostileEnvelope(): Envelope {
  const base = makeEnvelope();
  return {
    ...base,
    model: { ...base.model, asked: hostile, served: hostile, quant: hostile },
    engine: { ...base.engine, version: hostile, commandLine: [hostile], settings: { x: hostile } },
    command: { argv: [hostile], resolved: { x: hostile } },
    findings: [{ code: 'x', severity: 'warning', message: hostile }],
  };
}
