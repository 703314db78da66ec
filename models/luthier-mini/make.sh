#!/bin/sh
# Makes luthier-mini again, in the folder work beside this file. Interrupted, it goes on where it was.
#   models/luthier-mini/make.sh SOURCES [SETTINGS OF EACH TRAINING...]
# SOURCES is a folder with the texts and the teacher that docs/shipped-model.md names. To try it out, and to begin anew:
#   models/luthier-mini/make.sh SOURCES --set train.max-steps=3
#   rm -r models/luthier-mini/work
set -eu
[ $# -gt 0 ] || { sed -n '2,6s/^# *//p' "$0" >&2; exit 2; }
sources=$(cd "$1" && pwd)
shift
cd "$(dirname "$0")"
luthier=../../luthier
jar=../../luthier-cli/target/run/luthier.jar
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
$luthier --version >&2

[ -e work/prepared ] || {
  "$java" -Xmx3g -cp "$jar" Prepare.java "$sources" work 160
  : >work/prepared
}
for stage in mlm distill distill-first; do
  $luthier train $stage.yaml --resume "$@"
done
"$java" -cp "$jar" Finish.java work/distill-first/model work/finished
echo "The model is in $(pwd)/work/finished. To ship it, copy it over the files here." >&2
