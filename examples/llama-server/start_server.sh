#!/bin/sh
# A whole submission: bench arena judge --scenario decode --class small --submission examples/llama-server
#
# It is started in its own folder, a fresh copy of it, and finds in its environment:
#   HOST, PORT     where it has to listen
#   MODEL_PATH     a folder, read-only: model.gguf, and hf/ with the same weights for other engines
#   MODEL_NAME     what requests call the model
#   BENCH_ENGINES  bin/llama.cpp-server (takes the options of llama-server), bin/python3
# It has to serve GET /v1/models and streaming POST /v1/chat/completions, and to stay in the foreground.
set -eu

# Requests that are answered at the same time, and the tokens that each may have, prompt and answer
# together: of decode, class small (bench arena scenario show decode --class small).
slots=1
tokens=2048

# exec: the server takes the place of this script, so it is what is told to end, and whose end is seen.
exec "$BENCH_ENGINES/bin/llama.cpp-server" \
  --host "$HOST" --port "$PORT" \
  --model "$MODEL_PATH/model.gguf" --alias "$MODEL_NAME" \
  --parallel "$slots" --ctx-size "$((slots * tokens))"
