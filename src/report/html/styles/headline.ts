/** The first screen: who, the answer, the verdicts, the few numbers people look for. */
export const headlineStyles = `
.answer { margin: 26px 0 22px; }
.answer .big { margin: 0; font-size: 30px; font-weight: 680; line-height: 1.2; letter-spacing: -0.018em; font-variant-numeric: tabular-nums; }
.answer .small { margin: 4px 0 0; font-size: 14px; }
.banner { margin: 18px 0 0; padding: 10px 14px; border-left: 3px solid var(--warn); background: var(--warn-bg); color: var(--ink); }
.banner.bad { border-left-color: var(--bad); background: var(--bad-bg); }
.chips { display: flex; flex-wrap: wrap; gap: 8px; margin: 16px 0; }
.chip { padding: 3px 11px; border-radius: 999px; font-size: 13px; font-weight: 620; background: var(--plain-bg); }
.chip.good { color: var(--good); background: var(--good-bg); }
.chip.warn { color: var(--warn); background: var(--warn-bg); }
.chip.bad { color: var(--bad); background: var(--bad-bg); }
.verdicts { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); border-top: 1px solid var(--rule); border-left: 1px solid var(--rule); }
.verdicts > li { min-width: 0; border-right: 1px solid var(--rule); border-bottom: 1px solid var(--rule); }
.verdicts a { display: block; height: 100%; padding: 11px 14px 12px; color: inherit; text-decoration: none; }
.verdicts a:hover { background: var(--raised); }
.verdicts .label { display: block; color: var(--muted); font-size: 12.5px; overflow-wrap: anywhere; }
.verdicts .value { display: block; margin: 1px 0 2px; font-size: 16px; font-weight: 640; line-height: 1.3; }
.verdicts .icon { display: inline-block; width: 1.15em; font-weight: 700; }
.verdicts .detail { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden; color: var(--muted); font-size: 12.5px; line-height: 1.4; }
.good .value { color: var(--good); } .warn .value { color: var(--warn); } .bad .value { color: var(--bad); }
.tiles { display: grid; grid-template-columns: repeat(6, minmax(0, 1fr)); gap: 16px 20px; margin: 26px 0 8px; }
.tile dt { color: var(--muted); font-size: 12.5px; }
.tile dd { margin: 0; }
.tile .value { font-size: 24px; font-weight: 640; letter-spacing: -0.01em; font-variant-numeric: tabular-nums; }
.tile .value.text { font-size: 15px; line-height: 37px; letter-spacing: 0; }
.tile .unit { color: var(--muted); }
.tile .small { display: block; font-size: 12.5px; line-height: 1.4; font-variant-numeric: tabular-nums; }
@media (max-width: 860px) {
  .verdicts { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .tiles { grid-template-columns: repeat(3, minmax(0, 1fr)); }
}
@media (max-width: 520px) {
  .answer .big { font-size: 23px; }
  .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .verdicts .value { font-size: 15px; }
  .verdicts a { padding: 9px 10px 10px; }
}
`;
