#!/bin/sh
# The baseline of class small: llama.cpp with its defaults.
exec "${BENCH_ENGINES:?llama.cpp is not installed (bench engine install llama.cpp)}/bin/llama.cpp-server" \
  --model "$MODEL_PATH/model.gguf" --alias "$MODEL_NAME" --host "$HOST" --port "$PORT"
