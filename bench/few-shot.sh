#!/bin/sh
# Measures what luthier-mini is worth with few examples, and writes the table of docs/shipped-model.md. See bench/FewShot.java.
set -eu
cd "$(dirname "$0")/.."
./luthier --version >&2
exec java -cp luthier-cli/target/run/luthier.jar bench/FewShot.java "$@"
