/**
 * A result folder as version 0.1.0 wrote it before there was records.bin: requests 2, 0 and 1, a
 * checkpoint, then 3, 4 and again 1. Written by that version's own writer; not to be changed.
 */
export const oldRunFiles = {
  'chunks.bin': Buffer.from(
    [
      'SUJDUAEAGABRAAAAAwAAABIAAACyuDynAAIHAAAFAAEGoLfvAta4Ata4Ata4Ata4Ata4Ata4AqCle9a4Ata4Ata4',
      'Ata4AqCu9QHWuALWuALWuALWuALWuAICEgABAgYAAQIEAAECBQASSUJDUAEAGABaAAAAAwAAABEAAADdgqUGAAMI',
      'AAQDAAEGoMDpA9a4Ata4Ata4Ata4Ata4Ata4Ata4Ag4AA6Cu9QHWuALWuALWuALWuALWuAICCAYBAAHgxQgBAgYA',
      'AQIHCAEAAQMBAAECBQAJAgEGAQAG',
    ].join(''),
    'base64',
  ),
  'requests.jsonl': Buffer.from(requestLines().join('\n')),
  'plan.jsonl': Buffer.from(planLines().join('\n')),
};

/** Bytes after the first checkpoint. */
export const oldFirstPart = { 'chunks.bin': 105, 'requests.jsonl': 1567 };

function requestLines(): string[] {
  return [
    '{"level":0,"index":2,"requestId":"RUN-0-2","counted":true,"intendedUs":3000000,"sentUs":3000120,"connectUs":0,"headersUs":3009000,"firstByteUs":3009100,"firstChunkUs":3009200,"firstTokenUs":3010000,"lastTokenUs":3130066,"endUs":3500000,"outcome":"ok","status":200,"error":null,"finishReason":"length","done":true,"inputTokensAsked":32,"outputTokensAsked":16,"inputTokensUsage":41,"outputTokensUsage":7,"cachedTokensUsage":null,"outputTokensCounted":null,"tokenSource":"one-per-chunk","chunks":{"page":0,"row":0,"rows":7}}',
    '{"level":0,"index":0,"requestId":"RUN-0-0","counted":true,"intendedUs":1000000,"sentUs":1000120,"connectUs":0,"headersUs":1009000,"firstByteUs":1009100,"firstChunkUs":1009200,"firstTokenUs":1010000,"lastTokenUs":1090044,"endUs":1500000,"outcome":"ok","status":200,"error":null,"finishReason":"length","done":true,"inputTokensAsked":32,"outputTokensAsked":16,"inputTokensUsage":41,"outputTokensUsage":5,"cachedTokensUsage":null,"outputTokensCounted":null,"tokenSource":"one-per-chunk","chunks":{"page":0,"row":7,"rows":5}}',
    '{"level":0,"index":1,"requestId":"RUN-0-1","counted":true,"intendedUs":2000000,"sentUs":2000120,"connectUs":0,"headersUs":2009000,"firstByteUs":2009100,"firstChunkUs":2009200,"firstTokenUs":2010000,"lastTokenUs":2110055,"endUs":2500000,"outcome":"ok","status":200,"error":null,"finishReason":"length","done":true,"inputTokensAsked":32,"outputTokensAsked":16,"inputTokensUsage":41,"outputTokensUsage":6,"cachedTokensUsage":null,"outputTokensCounted":null,"tokenSource":"one-per-chunk","chunks":{"page":0,"row":12,"rows":6}}',
    '{"level":0,"index":3,"requestId":"RUN-0-3","counted":true,"intendedUs":4000000,"sentUs":4000120,"connectUs":0,"headersUs":4009000,"firstByteUs":4009100,"firstChunkUs":4009200,"firstTokenUs":4010000,"lastTokenUs":4150077,"endUs":4500000,"outcome":"ok","status":200,"error":null,"finishReason":"length","done":true,"inputTokensAsked":32,"outputTokensAsked":16,"inputTokensUsage":41,"outputTokensUsage":8,"cachedTokensUsage":null,"outputTokensCounted":null,"tokenSource":"one-per-chunk","chunks":{"page":1,"row":0,"rows":8}}',
    '{"level":0,"index":4,"requestId":"RUN-0-4","counted":true,"intendedUs":5000000,"sentUs":null,"connectUs":0,"headersUs":5009000,"firstByteUs":5009100,"firstChunkUs":5009200,"firstTokenUs":5010000,"lastTokenUs":5170088,"endUs":5500000,"outcome":"reset","status":null,"error":"gone \\"so\\"","finishReason":null,"done":false,"inputTokensAsked":32,"outputTokensAsked":16,"inputTokensUsage":41,"outputTokensUsage":9,"cachedTokensUsage":null,"outputTokensCounted":null,"tokenSource":"one-per-chunk","chunks":{"page":1,"row":8,"rows":3}}',
    '{"level":0,"index":1,"requestId":"RUN-0-1","counted":true,"intendedUs":2000000,"sentUs":2000120,"connectUs":0,"headersUs":2009000,"firstByteUs":2009100,"firstChunkUs":2009200,"firstTokenUs":2010000,"lastTokenUs":2110055,"endUs":2500000,"outcome":"ok","status":200,"error":null,"finishReason":"length","done":true,"inputTokensAsked":32,"outputTokensAsked":16,"inputTokensUsage":41,"outputTokensUsage":6,"cachedTokensUsage":null,"outputTokensCounted":9,"tokenSource":"tokenizer","chunks":{"page":1,"row":11,"rows":6}}',
    '',
  ];
}

function planLines(): string[] {
  return [
    '{"kind":"level","level":0,"load":{"kind":"open","rateRps":2,"concurrencyAsked":null,"maxConcurrency":null,"arrival":"poisson"},"seed":1,"hash":"plan hash","countedRequests":5,"durationUs":null,"requestsListed":5}',
    '{"kind":"request","level":0,"index":0,"intendedUs":999600,"inputTokens":32,"outputTokens":16,"prompt":{"dataset":"random","seed":0,"row":null}}',
    '{"kind":"request","level":0,"index":1,"intendedUs":1999600,"inputTokens":32,"outputTokens":16,"prompt":{"dataset":"random","seed":1,"row":null}}',
    '{"kind":"request","level":0,"index":2,"intendedUs":2999600,"inputTokens":32,"outputTokens":16,"prompt":{"dataset":"random","seed":2,"row":null}}',
    '{"kind":"request","level":0,"index":3,"intendedUs":3999600,"inputTokens":32,"outputTokens":16,"prompt":{"dataset":"random","seed":3,"row":null}}',
    '{"kind":"request","level":0,"index":4,"intendedUs":4999600,"inputTokens":32,"outputTokens":16,"prompt":{"dataset":"random","seed":4,"row":null}}',
    '',
  ];
}
