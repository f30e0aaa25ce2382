#!/usr/bin/env bash
# Every job on other versions of Spark, its tables compared row by row with those of the embedded engine:
#   bash scripts/golden.sh [VERSION…]        such as 3.5 4.2; without one: all of them
# What was found goes into docs/golden.json, of which scripts/make_docs.py makes the table in docs/spark_versions.md.
set -euo pipefail
ROOT=$(cd "$(dirname "$0")/.." && pwd)
. "$ROOT/scripts/environment.sh"
need_java
export VITALFEW_LOCKED=0 # the locks are for the newest Spark

spark_of() { # the newest of each, where the Delta Lake that fits it allows it
    case $1 in
        3.5) echo 3.5.9 ;;
        4.0) echo 4.0.5 ;;
        4.1) echo 4.1.1 ;;
        4.2) echo 4.2.0 ;;
        *) echo "golden.sh: '$1' is none of 3.5, 4.0, 4.1, 4.2." >&2; return 2 ;;
    esac
}

[ $# -gt 0 ] || set -- 3.5 4.0 4.1 4.2
for version; do spark_of "$version" > /dev/null; done
folder="$ROOT/data/golden"
lines=20000
day=2024-12-30 # some lines of the shop are of times that cannot be, so that its latest day is none
cd "$ROOT"
run() { # ENGINE ROOT, in a process without the packages of another environment
    vitalfew run all --target generated --engine "$1" --root "$2" --as-of "$day" \
        --set 'customer360.hash_key="one key for all engines"' # each place has a key of its own otherwise
}

original=$PATH
environment golden-sail sail
against=$PATH
rm -rf "$folder/shop" "$folder/sail"
python scripts/make_data.py --root "$folder/shop" --lines "$lines"
cp -r "$folder/shop" "$folder/sail"
run sail "$folder/sail"
state=0
for version; do
    PATH=$original
    environment "golden-$version" "" "pyspark==$(spark_of "$version")" "pandas<3"
    rm -rf "${folder:?}/$version"
    cp -r "$folder/shop" "$folder/$version"
    reached=0
    run spark "$folder/$version" || reached=$?
    said=$(python -c 'import platform, pyspark; print(pyspark.__version__, platform.python_version())')
    delta=$(python -c 'from vitalfew.engines import engine; print(engine.delta_package())')
    # shellcheck disable=SC2086
    PATH=$against python scripts/golden.py "$folder/sail" "$folder/$version" "$ROOT/docs/golden.json" $said "$delta" "$reached" || state=1
done
exit $state
