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
spark=
over() { # the Spark half may still run: it is asked to end, so that it takes its clusters down, and then made to
    rm -f "$said"
    [ -n "$spark" ] || return 0
    for signal in INT TERM KILL; do
        kill -s $signal -- "-$spark" 2>/dev/null || return 0
        for _ in $(seq 60); do
            kill -s 0 -- "-$spark" 2>/dev/null || return 0
            sleep 0.25
        done
    done
}
trap over EXIT
trap 'exit 130' INT TERM
set -m # a process group of its own, which can be ended as a whole
half spark -m both_engines "$@" > "$said" 2>&1 < /dev/null &
spark=$!
set +m
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
