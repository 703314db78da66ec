#!/bin/sh
# Measures Luthier's speed and memory beside its peers', and writes docs/benchmarks.md. See bench/benchmarks/Benchmarks.java.
set -eu
cd "$(dirname "$0")/.."
./luthier --version >&2
jar=luthier-cli/target/run/luthier.jar
classes=$(mktemp -d)
trap 'rm -rf "$classes"' EXIT
javac -proc:none -cp "$jar" -d "$classes" bench/benchmarks/*.java
java -cp "$classes:$jar" Benchmarks "$@"
