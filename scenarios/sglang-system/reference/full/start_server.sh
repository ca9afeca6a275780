#!/bin/sh
# The baseline of class full: SGLang as the task's own launcher is described (fp8 KV cache, speculation
# by the model's multi-token prediction, the newer state-space scheduler, memory fraction 0.88; CUDA
# graphs are SGLang's default). The task does not publish its launcher. Not run by us.
exec python3 -m sglang.launch_server \
  --model-path "$MODEL_PATH/hf" --served-model-name "$MODEL_NAME" --host "$HOST" --port "$PORT" \
  --kv-cache-dtype fp8_e4m3 --speculative-algorithm NEXTN \
  --mamba-scheduler-strategy extra_buffer --mem-fraction-static 0.88
