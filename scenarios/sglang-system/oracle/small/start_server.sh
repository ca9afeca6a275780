#!/bin/sh
# A slot for each request in flight, and threads that leave the client a core.
cpus=$(nproc)
exec "${BENCH_ENGINES:?llama.cpp is not installed (bench engine install llama.cpp)}/bin/llama.cpp-server" \
  --model "$MODEL_PATH/model.gguf" --alias "$MODEL_NAME" --host "$HOST" --port "$PORT" \
  --parallel 4 --ctx-size 8192 --threads $((cpus > 1 ? cpus - 1 : 1))
