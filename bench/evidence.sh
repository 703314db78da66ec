#!/bin/sh
# Measures the accuracy that Luthier reaches, and writes docs/evidence/encoder.md. See bench/Evidence.java.
set -eu
cd "$(dirname "$0")/.."
./luthier --version >&2
exec java -cp luthier-cli/target/run/luthier.jar bench/Evidence.java "$@"
