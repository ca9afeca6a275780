export { type ChunkPage, chunksOf, parseChunkPage } from './chunk-page.ts';
export { createRecordPageBuilder, type RecordPageBuilder } from './page-builder.ts';
export {
  type PageMagic,
  pageHeaderBytes,
  pageMagic,
  parsePageFrame,
  sealPage,
} from './page-frame.ts';
export { openRecordPage, parseRecordPage, type RecordPage } from './record-page.ts';
export { RecordView, toPlainRecord, viewsOf } from './record-view.ts';
