#!/bin/sh
# An agent for `bench arena run --agent script:examples/three-settings.sh`: tries three settings of
# llama.cpp with ./evaluate and leaves the one that scored best.
best=0
try() {
  cat >start_server.sh <<END
#!/bin/sh
exec "\$BENCH_ENGINES/bin/llama.cpp-server" --model "\$MODEL_PATH/model.gguf" --alias "\$MODEL_NAME" \\
  --host "\$HOST" --port "\$PORT" $*
END
  score=$(./evaluate quick --json | sed -n 's/.*"score": *\([0-9.]*\).*/\1/p')
  echo "$*: ${score:-no score}"
  if [ -n "$score" ] && awk "BEGIN { exit !($score > $best) }"; then
    best=$score
    cp start_server.sh best.sh
  fi
}
try --threads 2
try --threads 1
try --threads 2 --flash-attn off
if [ ! -e best.sh ]; then
  echo 'No setting scored; evaluations above say why.' >&2
  exit 1
fi
cp best.sh start_server.sh
