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
echo "== on the embedded engine"
VITALFEW_TEST_ENGINE=sail coverage run --parallel-mode -m pytest "$@"
echo "== on Spark"
VITALFEW_TEST_ENGINE=spark coverage run --parallel-mode -m pytest -m both_engines "$@"
coverage combine --quiet
if [ $# -eq 0 ]; then
    # Lines and branches. Not counted, though tested: what runs in processes of its own (the command line from end to
    # end, Spark's Python workers), and what only Databricks or object storage can run.
    coverage report --skip-covered --fail-under 95
fi
echo "Tests took $((SECONDS - started)) s."
