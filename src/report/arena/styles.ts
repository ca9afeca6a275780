/** What the arena's charts add to those of the report. */
export const arenaStyles = `
.parity { stroke: var(--muted); stroke-width: 1; stroke-dasharray: 3 3; }
.score-bar { fill: var(--p50); opacity: 0.75; }
.score-bar.none { fill: var(--muted); }
.score-whisker { fill: none; stroke: var(--ink); stroke-width: 1.5; }
.row-text { fill: var(--muted); font-size: 12px; font-weight: 400; font-variant-numeric: tabular-nums; }
.lost { stroke: var(--p99); stroke-width: 2.4; }
.found { fill: var(--paper); stroke: var(--p99); stroke-width: 2.2; }
.submitted { fill: var(--p50); }
.run-dot { fill: var(--p50); opacity: 0.8; }
.o-scored { fill: var(--good); } .o-regressed { fill: var(--wait); } .o-quality_fail { fill: var(--prefill); }
.o-integrity_fail { fill: var(--failed); } .o-wrong_engine { fill: var(--limit); } .o-server_fail { fill: var(--muted); }
.o-infra_error { fill: var(--paper); stroke: var(--muted); stroke-dasharray: 3 2; }
.legend .o-box { width: 16px; height: 10px; }
.standings td:nth-child(3) { font-weight: 640; }
@media (max-width: 520px) {
  .row-name { font-size: 15.5px; } .row-text { font-size: 14px; }
}
`;
