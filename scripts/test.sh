#!/usr/bin/env bash
# All tests, on both engines: bash scripts/test.sh [pytest arguments]. Without Java, the Spark half fails: it is half the proof.
# With --all before the arguments, the long ones too: every job on a cluster, which takes as long as all else.
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
short=" and not long"
if [ "${1:-}" = --all ]; then
    shift
    short=
fi
need_java
environment test spark,sail-engine,test
cd "$ROOT"
started=$SECONDS
rm -f .coverage .coverage.*

# Two parts more than there are cores run at a time, as each leaves cores idle now and then; they are shown one after the
# other. A part takes a token from the pipe before it runs, and puts it back.
said=$(mktemp -d)
mkfifo "$said.tokens"
exec 9<>"$said.tokens"
rm "$said.tokens"
for _ in $(seq $(($(getconf _NPROCESSORS_ONLN) + 2))); do printf x >&9; done
measured="coverage run --parallel-mode -m"
part() {
    local state=0 token
    read -r -n 1 -u 9 token
    VITALFEW_TEST_ENGINE=$1 ${runner:-$measured} pytest "${@:2}" 9>&- || state=$?
    printf '%s' "$token" >&9
    [ $state -eq 5 ] || return $state # none of the chosen tests belongs to this part
}
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
    # the longest first
    # Hostile input is not measured: to count lines makes a run of all jobs a third longer, and these run none that others
    # do not.
    runner="python -m" begin "on the embedded engine, hostile input" sail -m "not on_cluster$short" tests/whole_suite/test_hostile_*.py
    begin "on Spark" spark -m "both_engines and not on_cluster$short"
    begin "on the embedded engine, procedures" sail -m "not on_cluster$short" tests/procedures
    begin "on the embedded engine, the whole suite" sail -m "not on_cluster$short" tests/whole_suite --ignore-glob "*/test_hostile_*"
    begin "on the embedded engine, jobs" sail -m "not on_cluster$short" tests/jobs
    begin "on the embedded engine, the rest" sail -m "not on_cluster$short" tests --ignore tests/jobs --ignore tests/procedures --ignore tests/whole_suite
else
    begin "on the embedded engine" sail -m "not on_cluster$short" "$@"
    begin "on Spark" spark -m "both_engines and not on_cluster$short" "$@"
fi
runner="python -m" begin "on a Spark cluster" sail -m "on_cluster$short" "$@"
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
