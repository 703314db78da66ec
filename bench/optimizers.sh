#!/bin/sh
# Measures every optimizer and every regularizer, and writes docs/evidence/optimizers.md. See bench/optimizers/Optimizers.java.
set -eu
cd "$(dirname "$0")/.."
./luthier --version >&2
jar=luthier-cli/target/run/luthier.jar
classes=$(mktemp -d)
trap 'rm -rf "$classes"' EXIT
javac -proc:none -cp "$jar" -d "$classes" bench/optimizers/*.java
# The options are words, so they are split on purpose.
# shellcheck disable=SC2086
java -XX:+UseSerialGC ${LUTHIER_JAVA_OPTS:-} -cp "$classes:$jar" Optimizers "$@"
