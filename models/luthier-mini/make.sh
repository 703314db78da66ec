#!/bin/sh
# Makes luthier-mini again. Argument: a folder with the sources that docs/shipped-model.md names.
set -eu
cd "$(dirname "$0")"
sources=$(cd "$1" && pwd)
luthier=../../luthier
$luthier --version >&2
jar=../../luthier-cli/target/run/luthier.jar

java -Xmx3g -cp "$jar" Prepare.java "$sources" work 160
$luthier train mlm.yaml
$luthier train distill.yaml
$luthier train distill-first.yaml
java -cp "$jar" Finish.java work/distill-first/model .
