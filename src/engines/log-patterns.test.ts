import { describe, expect, it } from 'vitest';
import { llamaCppLogPatterns } from './llama-cpp/log-patterns.ts';
import { explainLog } from './log-patterns.ts';

/** Lines as llama.cpp, glibc and CPython write them. */
const lines: [cause: string | null, line: string][] = [
  ['port-in-use', "srv  start: couldn't bind HTTP server socket, hostname: 127.0.0.1, port: 8080"],
  ['port-in-use', 'OSError: [Errno 98] Address already in use'],
  [
    'out-of-memory',
    'ggml_backend_cpu_buffer_type_alloc_buffer: failed to allocate buffer of size 9',
  ],
  ['out-of-memory', "terminate called after throwing an instance of 'std::bad_alloc'"],
  ['model-not-found', 'gguf_init_from_file: failed to open GGUF file x.gguf'],
  ['model-not-found', 'launcher: error: failed to open model file x: no such file'],
  ['model-invalid', "gguf_init_from_file_impl: invalid magic characters: 'PK', expected 'GGUF'"],
  ['unsupported-flag', 'error: invalid argument: --frobnicate'],
  ['unsupported-flag', 'llama-cpp-launcher.py: error: unrecognized arguments: --frobnicate'],
  ['unsupported-flag', 'launcher: error: invalid argument: --set n_frobs=3: no attribute n_frobs'],
  [
    'invalid-value',
    "launcher: error: invalid argument: --set n_batch=banana: invalid literal for int() with base 10: 'banana'",
  ],
  ['invalid-value', "llama-cpp-launcher.py: error: argument --parallel: invalid int value: 'x'"],
  ['invalid-value', 'error while handling argument "--flash-attn": unknown value \'maybe\''],
  [
    'missing-library',
    'error while loading shared libraries: libgomp.so.1: cannot open shared object file: No such file or directory',
  ],
  ['missing-library', "launcher: cannot load xllamacpp: No module named 'xllamacpp'"],
  ['unsupported-cpu', 'Illegal instruction (core dumped)'],
  [null, '0.00.557.291 I srv          init: listening on http://127.0.0.1:18777'],
];

describe('explainLog', () => {
  it.each(lines)('finds %s in: %s', (cause, line) => {
    expect(explainLog(['first line', line], llamaCppLogPatterns)?.cause ?? null).toBe(cause);
  });

  it('says nothing about an empty log', () => {
    expect(explainLog([], llamaCppLogPatterns)).toBeNull();
  });
});
