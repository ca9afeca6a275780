/** The report's only style sheet; colours are tokens, given for light, dark and paper. */
export const styles = `
:root {
  --paper: #f7f8f9; --card: #ffffff; --ink: #16191d; --muted: #59626d; --rule: #dfe3e8;
  --grid: #e8ebee; --minor: #f3f5f7; --accent: #1c5fa5; --good: #1a6b45; --good-bg: #e3f3ea;
  --warn: #7a4f00; --warn-bg: #fdf0d5; --bad: #a3281d; --bad-bg: #fce6e3; --plain-bg: #eceff2;
  --p50: #1f66ad; --p90: #0f8574; --p99: #c4501b; --limit: #8a2f8f;
  --wait: #c3c9d1; --prefill: #e0a02f; --decode: #3a78bd; --failed: #c8402f;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  color-scheme: light dark;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #111418; --card: #191d22; --ink: #e7eaee; --muted: #9aa5b1; --rule: #2c333b;
    --grid: #272d34; --minor: #1e2329; --accent: #7db3ee; --good: #7fd4a6; --good-bg: #163526;
    --warn: #efc167; --warn-bg: #3a2d10; --bad: #f39a8e; --bad-bg: #43201c; --plain-bg: #262c33;
    --p50: #6aacec; --p90: #45c2ac; --p99: #f28f5a; --limit: #d493da;
    --wait: #56606b; --prefill: #d9a441; --decode: #5b97d9; --failed: #ef6f5e;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 var(--sans); }
.page { max-width: 1120px; margin: 0 auto; padding: 40px 24px 56px; }
.skip { position: absolute; left: -9999px; }
.skip:focus { left: 8px; top: 8px; padding: 8px 12px; background: var(--card); color: var(--accent); z-index: 1; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
h1 { margin: 4px 0 6px; font-size: 32px; line-height: 1.15; letter-spacing: -0.02em; overflow-wrap: anywhere; }
h1 .at { color: var(--muted); font-weight: 400; }
h2 { margin: 48px 0 14px; font-size: 20px; letter-spacing: -0.01em; }
h3 { margin: 0 0 8px; font-size: 14px; font-weight: 600; }
p { margin: 0 0 8px; overflow-wrap: anywhere; }
.kicker { margin: 0; color: var(--muted); font-size: 13px; }
.sub { margin: 0; color: var(--muted); }
.small { color: var(--muted); font-size: 13px; font-weight: 400; }
.note { margin-top: 10px; }
.note, footer { color: var(--muted); font-size: 13px; }
.mono, pre { font-family: var(--mono); font-size: 12.5px; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
ul { margin: 0; padding: 0; list-style: none; }
.chips { display: flex; flex-wrap: wrap; gap: 8px; margin: 16px 0; }
.chip { padding: 3px 11px; border-radius: 999px; font-size: 13px; font-weight: 600; background: var(--plain-bg); }
.chip.good { color: var(--good); background: var(--good-bg); }
.chip.warn { color: var(--warn); background: var(--warn-bg); }
.chip.bad { color: var(--bad); background: var(--bad-bg); }
.banner { padding: 10px 14px; border-radius: 8px; background: var(--warn-bg); color: var(--warn); }
.banner.bad { background: var(--bad-bg); color: var(--bad); }
.headline, figure, .findings li, .facts > div, .command pre, .more > pre {
  background: var(--card); border: 1px solid var(--rule); border-radius: 10px;
}
.headline { padding: 22px 24px 14px; }
.lead .big { margin: 0; font-size: 27px; font-weight: 650; line-height: 1.2; letter-spacing: -0.015em; font-variant-numeric: tabular-nums; }
.tiles { display: grid; grid-template-columns: repeat(6, 1fr); gap: 14px 20px; margin: 16px 0 12px; padding-top: 16px; border-top: 1px solid var(--rule); }
.tile dt { color: var(--muted); font-size: 13px; }
.tile dd { margin: 2px 0 0; }
.tile .value { font-size: 22px; font-weight: 600; font-variant-numeric: tabular-nums; }
.tile .value.text { font-size: 15px; line-height: 33px; }
.tile .unit { color: var(--muted); }
.tile .small { display: block; font-variant-numeric: tabular-nums; }
.figures { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 18px; }
figure { margin: 0 0 14px; padding: 18px 18px 12px; min-width: 0; break-inside: avoid; }
.figures figure { margin: 0; }
figcaption { margin: 6px 0 4px; color: var(--muted); font-size: 13px; }
.scroll { overflow-x: auto; }
svg.chart { display: block; width: 100%; height: auto; font-family: var(--sans); }
figure.wide svg.chart { min-width: 720px; }
.grid line { stroke: var(--grid); stroke-width: 1; }
.grid .minor { stroke: var(--minor); }
.axis .base { stroke: var(--muted); stroke-width: 1; opacity: 0.6; }
.axis text { fill: var(--muted); font-size: 12px; font-variant-numeric: tabular-nums; }
.axis .label { fill: var(--ink); }
.s-p50 { --s: var(--p50); } .s-p90 { --s: var(--p90); } .s-p99 { --s: var(--p99); }
.line { fill: none; stroke: var(--s); stroke-width: 2; stroke-linejoin: round; }
.band { fill: var(--s); opacity: 0.16; }
.whisker { fill: none; stroke: var(--s); stroke-width: 1.5; opacity: 0.75; }
.point { fill: var(--s); stroke: var(--card); stroke-width: 1.2; }
.point.doubtful { fill: var(--card); stroke: var(--s); stroke-width: 1.8; }
.series .name { fill: var(--s); font-size: 12.5px; font-weight: 600; }
.series .note { fill: var(--muted); font-size: 11.5px; }
.limit line { stroke: var(--limit); stroke-width: 1.5; stroke-dasharray: 6 4; }
.limit text { fill: var(--limit); font-size: 12px; }
.ecdf { fill: none; stroke-width: 1.6; stroke-linejoin: round; opacity: 0.9; }
.ecdf.strong { stroke-width: 2.8; opacity: 1; }
.wait { fill: var(--wait); } .prefill { fill: var(--prefill); }
.decode { fill: var(--decode); } .failed { fill: var(--failed); opacity: 0.35; }
.request.tail { opacity: 0.4; }
.cross { stroke: var(--failed); stroke-width: 1.8; fill: none; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 0 0 12px; color: var(--muted); font-size: 13px; }
.legend li { display: flex; align-items: center; gap: 7px; }
.legend .strong { color: var(--ink); font-weight: 600; }
.legend line { stroke-width: 2.4; }
.swatch { width: 16px; height: 10px; border-radius: 2px; }
.swatch.wait { background: var(--wait); } .swatch.prefill { background: var(--prefill); }
.swatch.decode { background: var(--decode); } .swatch.failed { background: var(--failed); opacity: 1; }
details { margin: 4px 0; }
@media screen and (prefers-color-scheme: dark) { .ecdf, .legend svg { filter: brightness(1.35); } }
.more { margin: 10px 0; }
.more > figure, .more > .scroll { margin-top: 10px; }
summary { cursor: pointer; color: var(--accent); font-size: 13px; }
table { width: 100%; border-collapse: collapse; font-size: 13.5px; font-variant-numeric: tabular-nums; }
caption { padding: 8px 0; text-align: left; color: var(--muted); font-size: 13px; }
th, td { padding: 5px 12px; text-align: right; border-bottom: 1px solid var(--rule); vertical-align: top; white-space: nowrap; }
th { font-weight: 500; }
tbody th, thead th:first-child { text-align: left; }
thead th { font-weight: 600; vertical-align: bottom; }
.metrics { width: auto; min-width: min(100%, 560px); background: var(--card); border: 1px solid var(--rule); }
.metrics td { min-width: 11em; }
.metrics thead th .small { display: block; }
.metrics .strong { box-shadow: inset 0 3px 0 var(--accent); }
.metrics .group th { padding-top: 16px; font-weight: 650; white-space: normal; }
.metrics .group .small { margin-left: 8px; }
.metrics tbody th[scope="row"], .metrics thead td { position: sticky; left: 0; background: var(--card); }
.interval { color: var(--muted); font-size: 12px; }
.low { color: var(--warn); font-size: 12px; }
.findings { display: grid; gap: 10px; }
.findings li { padding: 10px 14px; border-left: 4px solid var(--muted); }
.findings p { margin: 0; }
.findings .severity { font-weight: 650; }
.findings .warning { border-left-color: var(--warn); } .findings .warning .severity { color: var(--warn); }
.findings .invalid { border-left-color: var(--bad); } .findings .invalid .severity { color: var(--bad); }
.findings .info { border-left-color: var(--accent); } .findings .info .severity { color: var(--accent); }
.facts { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 14px; margin-bottom: 22px; }
.facts > div { padding: 14px 16px; break-inside: avoid; }
.facts dl { margin: 0; font-size: 13px; }
.facts dl div { display: grid; grid-template-columns: 9.5em minmax(0, 1fr); gap: 8px; padding: 2px 0; }
.facts dt { color: var(--muted); }
.facts dd { margin: 0; overflow-wrap: anywhere; }
.command { position: relative; margin-bottom: 18px; }
pre { margin: 0; padding: 12px 14px; white-space: pre-wrap; overflow-wrap: anywhere; }
.command button { position: absolute; right: 0; top: -6px; padding: 3px 10px; border: 1px solid var(--rule); border-radius: 6px; background: var(--card); color: var(--accent); font: 600 12px var(--sans); cursor: pointer; }
footer { margin-top: 48px; padding-top: 14px; border-top: 1px solid var(--rule); }
@media (max-width: 860px) {
  .figures, .facts { grid-template-columns: minmax(0, 1fr); }
  .tiles { grid-template-columns: repeat(3, 1fr); }
}
@media (max-width: 520px) {
  .page { padding: 20px 14px 40px; }
  h1 { font-size: 25px; }
  .lead .big { font-size: 21px; }
  .headline { padding: 16px 16px 10px; }
  .tiles { grid-template-columns: repeat(2, 1fr); }
  figure { padding: 14px 10px 10px; }
  .axis text, .series .name, .limit text { font-size: 15px; }
}
@media print {
  :root { --paper: #fff; }
  body { font-size: 11px; }
  .page { max-width: none; padding: 0; }
  details, .skip, .command button { display: none; }
  h2 { break-after: avoid; margin-top: 24px; }
  figure.wide svg.chart { min-width: 0; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
