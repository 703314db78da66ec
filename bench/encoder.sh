#!/bin/sh
# Measures Luthier's speed beside that of transformers' Trainer, and writes docs/benchmarks.md. See bench/EncoderBench.java.
set -eu
cd "$(dirname "$0")/.."
./luthier --version >&2
exec java -cp luthier-cli/target/run/luthier.jar bench/EncoderBench.java "$@"
