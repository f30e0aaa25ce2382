#!/usr/bin/env bash
# All tests, on both engines: bash scripts/test.sh [pytest arguments]. Without Java, the Spark half fails: it is half the proof.
# Unit tests only, on the embedded engine, without Java: bash scripts/test.sh --fast [PATH or pytest arguments]
set -euo pipefail
ROOT=$(cd "$(dirname "$0")/.." && pwd)
. "$ROOT/scripts/environment.sh"
if [ "${1:-}" = --fast ]; then
    shift
    environment test spark,sail-engine,test
    cd "$ROOT"
    # Without a path: all unit tests in two processes, each with an engine of its own.
    if [ $# -eq 0 ]; then
        set -- -n 2 --dist loadfile tests/jobs tests/algorithms tests/dataframes tests/domain tests/config
    fi
    VITALFEW_TEST_ENGINE=sail exec python -m pytest -m "not on_cluster" "$@"
fi
need_java
environment test spark,sail-engine,test
cd "$ROOT"
started=$SECONDS
rm -f .coverage .coverage.*

# The parts run side by side, as each leaves cores idle for much of its time, and are shown one after the other.
part() {
    local state=0
    VITALFEW_TEST_ENGINE=$1 coverage run --parallel-mode -m pytest "${@:2}" || state=$?
    [ $state -eq 5 ] || return $state # none of the chosen tests belongs to this part
}
said=$(mktemp -d)
shared=$(mktemp -d) # what one part makes and all read
export VITALFEW_TEST_SHARED=$shared
running=()
over() { # those that still run are asked to end, so that they take their clusters down, and then made to
    rm -rf "$said" "$shared"
    for signal in INT TERM KILL; do
        for group in "${running[@]}"; do kill -s $signal -- "-$group" 2>/dev/null || true; done
        for group in "${running[@]}"; do
            for _ in $(seq 60); do
                kill -s 0 -- "-$group" 2>/dev/null || break
                sleep 0.25
            done
        done
    done
}
trap over EXIT
trap 'exit 130' INT TERM
begin() { # NAME ENGINE [pytest arguments], in a process group of its own, which can be ended as a whole
    local log="$said/${#running[@]} $1"
    : > "$log" # now, as it is looked for at once
    set -m
    part "${@:2}" > "$log" 2>&1 < /dev/null &
    running+=($!)
    set +m
}
if [ $# -eq 0 ]; then
    # three parts of about the same length
    begin "on the embedded engine, jobs" sail -m "not on_cluster" tests/jobs
    begin "on the embedded engine, the whole suite" sail -m "not on_cluster" tests/whole_suite
    begin "on the embedded engine, the rest" sail -m "not on_cluster" tests --ignore tests/jobs --ignore tests/whole_suite
else
    begin "on the embedded engine" sail -m "not on_cluster" "$@"
fi
begin "on Spark" spark -m "both_engines and not on_cluster" "$@"
begin "on a Spark cluster" sail -m on_cluster "$@"
state=0
for name in "$said"/*; do
    echo "== ${name##*/? }"
    tail -n +1 -f "$name" &
    shown=$!
    wait "${running[0]}" || state=1
    running=("${running[@]:1}")
    sleep 1.5 # tail looks once a second
    kill $shown 2>/dev/null || true
    wait $shown || true
done
coverage combine --quiet
if [ $# -eq 0 ]; then
    # Lines and branches. Not counted, though tested: what runs in processes of its own (the command line from end to
    # end, Spark's Python workers), and what only Databricks or object storage can run.
    coverage report --skip-covered --fail-under 95 || state=1
fi
echo "Tests took $((SECONDS - started)) s."
exit $state
