#!/bin/sh
# Eight threads predict while one trains, in one process; see bench/Soak.java.
set -eu
cd "$(dirname "$0")/.."
./luthier --version >&2
# The options are words, so they are split on purpose.
# shellcheck disable=SC2086
exec java -XX:+UseSerialGC ${LUTHIER_JAVA_OPTS:-} -cp luthier-cli/target/run/luthier.jar bench/Soak.java "$@"
