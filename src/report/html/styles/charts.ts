/** Figures and what is drawn in them. */
export const chartStyles = `
.figures { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); column-gap: 36px; }
.figures > figure { display: grid; grid-template-columns: minmax(0, 1fr); grid-row: span 5; grid-template-rows: subgrid; row-gap: 0; margin-bottom: 30px; align-content: start; }
figure + .scroll, .figures + .scroll, .note + .scroll { margin-top: 22px; }
figure { margin: 0 0 8px; min-width: 0; break-inside: avoid; }
figure.wide { margin-top: 30px; }
h2 + figure.wide, h2 + .legend + figure.wide, .more figure.wide { margin-top: 0; }
figcaption { margin: 4px 0 4px; color: var(--muted); font-size: 12.5px; line-height: 1.45; max-width: 84ch; }
.says:empty { margin: 0; }
.says { margin: 0 0 6px; color: var(--ink); font-size: 13.5px; line-height: 1.45; }
.scroll { overflow-x: auto; }
svg.chart { display: block; width: 100%; height: auto; font-family: var(--sans); }
figure.wide svg.chart { min-width: 720px; }
.grid line { stroke: var(--grid); stroke-width: 1; }
.grid .minor { stroke: var(--minor); }
.axis .base { stroke: var(--muted); stroke-width: 1; opacity: 0.7; }
.axis text { fill: var(--muted); font-size: 12px; font-variant-numeric: tabular-nums; }
.axis .label { fill: var(--ink); }
.halo { paint-order: stroke; stroke: var(--paper); stroke-width: 3.5px; stroke-linejoin: round; }
.s-p50 { --s: var(--p50); } .s-p99 { --s: var(--p99); } .s-limit { --s: var(--limit); } .s-plain { --s: var(--muted); }
.s-good { --s: var(--good); } .s-bad { --s: var(--bad); }
.line { fill: none; stroke: var(--s); stroke-width: 2; stroke-linejoin: round; }
.band { fill: var(--s); opacity: 0.15; }
.whisker { fill: none; stroke: var(--s); stroke-width: 1.5; opacity: 0.8; }
.point { fill: var(--s); stroke: var(--paper); stroke-width: 1.2; }
.point.doubtful { fill: var(--paper); stroke: var(--s); stroke-width: 1.8; }
.dot { fill: var(--s); opacity: 0.55; }
.series .name { fill: var(--s); font-size: 12.5px; font-weight: 640; }
.series .note { fill: var(--muted); font-size: 11.5px; }
.figures + .group, .group + .figures { margin-top: 12px; }
.limit line { stroke: var(--limit); stroke-width: 1.4; stroke-dasharray: 6 4; }
.limit.target line { stroke-dasharray: 2 3; }
.limit text { fill: var(--limit); font-size: 11.5px; }
.knee rect { fill: var(--knee-bg); }
.knee line { stroke: var(--knee); stroke-width: 1.2; }
.knee text { fill: var(--knee); font-size: 11.5px; font-weight: 620; }
.lv-0 { --s: var(--lv-0); } .lv-1 { --s: var(--lv-1); } .lv-2 { --s: var(--lv-2); }
.lv-3 { --s: var(--lv-3); } .lv-4 { --s: var(--lv-4); } .lv-5 { --s: var(--lv-5); }
.ecdf { fill: none; stroke: var(--s); stroke-width: 1.7; stroke-linejoin: round; }
.ecdf.strong { stroke-width: 3; }
.wait { fill: var(--wait); } .prefill { fill: var(--prefill); }
.decode { fill: var(--decode); } .failed { fill: var(--failed); opacity: 0.4; }
.request.tail { opacity: 0.4; }
.cross { stroke: var(--failed); stroke-width: 1.8; fill: none; }
.miss { stroke: var(--s); stroke-width: 2.4; fill: none; }
.trace { opacity: 0.6; }
.row-name { fill: var(--ink); font-size: 12.5px; }
.group { margin: 26px 0 12px; font-size: 16px; }
.cut { fill: var(--muted); opacity: 0.16; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 0 0 12px; color: var(--muted); font-size: 13px; }
.legend li { display: flex; align-items: center; gap: 7px; }
.legend .strong { color: var(--ink); font-weight: 620; }
.legend line { stroke: var(--s); stroke-width: 2.4; }
.swatch { width: 16px; height: 10px; border-radius: 2px; }
.swatch.wait { background: var(--wait); } .swatch.prefill { background: var(--prefill); }
.swatch.decode { background: var(--decode); } .swatch.failed { background: var(--failed); opacity: 1; }
@media (max-width: 860px) {
  .figures { grid-template-columns: minmax(0, 1fr); }
}
@media (max-width: 520px) {
  .axis text, .series .name { font-size: 15px; }
  .limit text, .knee text, .series .note { font-size: 14px; }
  figure.wide .axis text { font-size: 12px; }
}
`;
