#!/bin/sh
# Measures Luthier's speed and memory beside its peers', and writes docs/benchmarks.md. See bench/Benchmarks.java.
set -eu
cd "$(dirname "$0")/.."
./luthier --version >&2
exec java -cp luthier-cli/target/run/luthier.jar bench/Benchmarks.java "$@"
