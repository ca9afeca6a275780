/** On paper: no controls, what is folded stays folded, nothing cut in two. */
export const printStyles = `
@media print {
  @page { margin: 14mm; }
  body { font-size: 10.5px; }
  .page { max-width: none; padding: 0; }
  .bar, details, .skip, .command button { display: none; }
  section { margin-top: 22px; }
  h1 { font-size: 24px; } h2 { break-after: avoid; font-size: 15px; } h3 { font-size: 11.5px; break-after: avoid; }
  table, caption, thead th, .facts dl, .note, .small, figcaption, .says, footer, pre, .mono { font-size: 9.5px; }
  .interval, .low, .metrics thead th .small { font-size: 8.5px; } .legend { font-size: 10px; }
  .chip { font-size: 10px; padding: 1px 8px; }
  th, td { padding-left: 10px; white-space: normal; }
  tr, .findings li, .verdicts > li { break-inside: avoid; }
  td.text, .metrics td, tbody th, .metrics tbody th[scope="row"] { min-width: 0; }
  .scroll { overflow: visible; }
  figure.wide svg.chart { min-width: 0; }
  .verdicts { grid-template-columns: repeat(4, minmax(0, 1fr)); }
  .tiles { grid-template-columns: repeat(6, minmax(0, 1fr)); }
  .figures, .facts { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  a { color: inherit; text-decoration: none; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
