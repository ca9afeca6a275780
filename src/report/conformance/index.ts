export { renderConformanceMarkdown } from './markdown.ts';
export { renderConformance } from './terminal.ts';
