#!/usr/bin/env bash
# All tests, on both engines: bash scripts/test.sh [pytest arguments]. Without Java, the Spark half fails: it is half the proof.
set -euo pipefail
ROOT=$(cd "$(dirname "$0")/.." && pwd)
. "$ROOT/scripts/environment.sh"
need_java
environment test spark,sail-engine,test
cd "$ROOT"
started=$SECONDS
rm -f .coverage .coverage.*

# The halves run side by side, as each leaves a core idle for much of its time; the Spark half is shown when it is over.
half() {
    local state=0
    VITALFEW_TEST_ENGINE=$1 coverage run --parallel-mode -m pytest "${@:2}" || state=$?
    [ $state -eq 5 ] || return $state # none of the chosen tests belongs to this half
}
said=$(mktemp)
trap 'rm -f "$said"; kill $(jobs -p) 2>/dev/null || true' EXIT
half spark -m both_engines "$@" > "$said" 2>&1 &
spark=$!
state=0
echo "== on the embedded engine"
half sail "$@" || state=1
echo "== on Spark"
wait $spark || state=1
cat "$said"
coverage combine --quiet
if [ $# -eq 0 ]; then
    # Lines and branches. Not counted, though tested: what runs in processes of its own (the command line from end to
    # end, Spark's Python workers), and what only Databricks or object storage can run.
    coverage report --skip-covered --fail-under 95 || state=1
fi
echo "Tests took $((SECONDS - started)) s."
exit $state
