#!/bin/sh
# An agent for `bench arena run --agent script:examples/three-settings.sh`: tries three settings of
# llama.cpp with ./evaluate and leaves the one that scored best. One that fails is never left.
best=0
try() {
  cat >start_server.sh <<END
#!/bin/sh
exec "\$BENCH_ENGINES/bin/llama.cpp-server" --model "\$MODEL_PATH/model.gguf" --alias "\$MODEL_NAME" \\
  --host "\$HOST" --port "\$PORT" $*
END
  # Only the exit code says that it passed: 0. Whatever else it prints is no score then.
  if ! ./evaluate quick >answer.txt; then
    echo "$*: failed: $(grep -E '^outcome:|: fail:' answer.txt || head -n 1 answer.txt)"
    return
  fi
  score=$(sed -n 's/^score: \([0-9.]*\)$/\1/p' answer.txt)
  echo "$*: ${score:-passed, without a score}"
  if [ -n "$score" ] && awk "BEGIN { exit !($score > $best) }"; then
    best=$score
    cp start_server.sh best.sh
  fi
}
try --threads 2
try --threads 1
try --threads 2 --flash-attn off
if [ ! -e best.sh ]; then
  echo 'No setting scored; the lines above say why.' >&2
  exit 1
fi
cp best.sh start_server.sh
