/** Tables, findings, facts. */
export const tableStyles = `
table { width: 100%; border-collapse: collapse; font-size: 13.5px; font-variant-numeric: tabular-nums; }
caption { padding: 0 0 6px; text-align: left; color: var(--muted); font-size: 13px; }
th, td { padding: 6px 0 6px 20px; text-align: right; border-bottom: 1px solid var(--rule); vertical-align: top; white-space: nowrap; }
th:first-child, td:first-child { padding-left: 0; }
th { font-weight: 500; }
tbody th, thead th:first-child, th.text, td.text { text-align: left; }
td.text { min-width: 18em; white-space: normal; color: var(--muted); }
thead th { border-bottom-color: var(--muted); color: var(--muted); font-size: 12.5px; vertical-align: bottom; }
tbody th { white-space: normal; min-width: 9em; }
.scroll + .scroll { margin-top: 26px; }
.metrics { width: auto; min-width: min(100%, 560px); }
.metrics td, .metrics th { padding-top: 4px; padding-bottom: 4px; }
.metrics td { min-width: 10em; }
.metrics thead th { color: var(--ink); font-weight: 620; }
.metrics thead th .small { display: block; font-size: 12px; }
.metrics .strong { box-shadow: inset 0 3px 0 var(--accent); }
.metrics .group th { padding-top: 18px; font-weight: 640; white-space: normal; }
.metrics .group .small { margin-left: 8px; }
.metrics tbody th[scope="row"], .metrics thead td { position: sticky; left: 0; background: var(--paper); min-width: 7em; }
.interval { color: var(--muted); font-size: 12px; }
.low { color: var(--warn); font-size: 12px; }
.findings { display: grid; gap: 14px; }
.findings li { padding: 0 0 0 14px; border-left: 3px solid var(--muted); max-width: 96ch; }
.findings p { margin: 0; }
.findings .severity { font-weight: 640; }
.findings .warning { border-left-color: var(--warn); } .findings .warning .severity { color: var(--warn); }
.findings .invalid { border-left-color: var(--bad); } .findings .invalid .severity { color: var(--bad); }
.findings .info { border-left-color: var(--accent); } .findings .info .severity { color: var(--accent); }
.checks td.pass { color: var(--good); } .checks td.fail { color: var(--bad); font-weight: 620; } .checks td.unknown { color: var(--muted); }
.checks td { text-align: left; white-space: normal; }
.checks td.verdict { white-space: nowrap; }
.checks th { text-align: left; }
.facts { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 26px 44px; margin-bottom: 28px; }
.facts > div { break-inside: avoid; min-width: 0; }
.facts h3 { padding-bottom: 4px; border-bottom: 1px solid var(--muted); }
.facts dl { margin: 0; font-size: 13.5px; }
.facts dl div { display: grid; grid-template-columns: 12em minmax(0, 1fr); gap: 12px; padding: 4px 0; border-bottom: 1px solid var(--rule); }
.facts dt { color: var(--muted); }
.facts dd { margin: 0; overflow-wrap: anywhere; }
.facts dd.unknown { color: var(--muted); font-style: italic; }
@media (max-width: 860px) { .facts { grid-template-columns: minmax(0, 1fr); } }
@media (max-width: 520px) {
  .page { padding: 22px 16px 44px; }
  .bar-in { padding: 0 16px; gap: 14px; }
  .bar-name { display: none; }
  h1 { font-size: 26px; }
  section { margin-top: 40px; }
  .checks td { min-width: 9em; } .checks td.verdict { min-width: 0; }
  .facts dl div { grid-template-columns: 9em minmax(0, 1fr); }
}
`;
