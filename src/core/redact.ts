const secretLike = /\b(sk-[A-Za-z0-9_-]{8,}|hf_[A-Za-z0-9]{8,}|Bearer\s+[A-Za-z0-9._~+/=-]{6,})/g;

/**
 * Text that may be shown or stored: known secrets, things that look like keys, credentials in
 * URLs and terminal control characters are taken out.
 */
export function redactText(text: string, secrets: readonly string[] = []): string {
  let out = text;
  for (const secret of secrets) {
    if (secret.length >= 4) out = out.replaceAll(secret, '<redacted>');
  }
  return (
    out
      .replaceAll(secretLike, '<redacted>')
      .replaceAll(/\b([a-z][a-z0-9+.-]{0,15}:\/\/)[^\s/@]+@/gi, '$1<redacted>@')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: stripping them is the point.
      .replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '')
  );
}
