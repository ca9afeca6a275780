#!/usr/bin/env bash
# Sets up the client of `vllm bench serve` for benchmarks/client: a Python environment with what the
# client imports, and the client's own files out of the wheel. Everything goes into the cache.
set -euo pipefail
version=0.33.0
cache=${INFERENCEBENCH_BENCH_CACHE:-$HOME/.cache/inferencebench-bench}
python=${PYTHON:-python3}
mkdir -p "$cache/wheels"
cd "$cache"

if [ ! -x vllm-venv/bin/python ]; then
  "$python" -m venv vllm-venv
fi
vllm-venv/bin/pip install --quiet aiohttp==3.14.5 numpy tqdm regex pybase64 pillow

if [ ! -f "vllm-$version/vllm/benchmarks/serve.py" ]; then
  wheel=$(find wheels -name "vllm-$version-*.whl" | head -n 1)
  if [ -z "$wheel" ]; then
    vllm-venv/bin/pip download --quiet --no-deps --only-binary :all: --dest wheels "vllm==$version"
    wheel=$(find wheels -name "vllm-$version-*.whl" | head -n 1)
  fi
  vllm-venv/bin/python - "$wheel" "vllm-$version" <<'PYTHON'
import sys
import zipfile

wheel, folder = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    archive.extractall(folder, [n for n in archive.namelist() if n.startswith('vllm/benchmarks/')])
PYTHON
fi
echo "vllm bench serve $version: client ready in $cache"
