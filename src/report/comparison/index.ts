export { renderCompareHtml } from './html.tsx';
export { renderComparisonMarkdown } from './markdown.ts';
export { renderComparison } from './terminal.ts';
