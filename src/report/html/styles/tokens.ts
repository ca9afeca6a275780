const light = `
  --paper: #ffffff; --raised: #f6f7f8; --ink: #15181c; --muted: #59616b; --rule: #dcdfe3; --strong-rule: #15181c;
  --grid: #e6e8eb; --minor: #f1f3f5; --accent: #0b5cad;
  --good: #17653f; --warn: #7a4b00; --bad: #a8261a;
  --good-bg: #e7f4ec; --warn-bg: #fdf3dc; --bad-bg: #fdeae7;
  --p50: #1b62ab; --p99: #b8470f; --limit: #6c3a86; --knee: #15181c; --knee-bg: #15181c14;
  --wait: #b9c0c9; --prefill: #d9962a; --decode: #3a78bd; --failed: #bf3425;
  --lv-0: #2f6fb5; --lv-1: #1f8a91; --lv-2: #4f8f3f; --lv-3: #a37a12; --lv-4: #bd5a1e; --lv-5: #a02f4f;
`;
const dark = `
  --paper: #121417; --raised: #1b1e23; --ink: #e8eaed; --muted: #9fa8b3; --rule: #31363d; --strong-rule: #8a929c;
  --grid: #282c32; --minor: #1e2126; --accent: #85b9f0;
  --good: #7ed3a4; --warn: #ecc068; --bad: #f49b8f;
  --good-bg: #15302250; --warn-bg: #3a2d1080; --bad-bg: #46211c80;
  --p50: #72b0ee; --p99: #f0935c; --limit: #cf9ee6; --knee: #e8eaed; --knee-bg: #e8eaed1c;
  --wait: #5b636d; --prefill: #d9a441; --decode: #5f9bdc; --failed: #ee6f5f;
  --lv-0: #79b4f0; --lv-1: #55c3c8; --lv-2: #8fcb78; --lv-3: #e0b94a; --lv-4: #f0945a; --lv-5: #ee7f9d;
`;

/** Colours as tokens, for light, dark and paper; the reader's choice wins over the system's. */
export const tokenStyles = `
:root {${light}
  --sans: "Inter", system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace;
  --card: var(--paper); --plain-bg: var(--raised); --p90: #0f766a;
  color-scheme: light;
}
@media screen and (prefers-color-scheme: dark) {
  :root:not([data-theme="light"]) {${dark} color-scheme: dark; }
}
@media screen {
  :root[data-theme="dark"] {${dark} color-scheme: dark; }
}
`;
