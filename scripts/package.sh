#!/usr/bin/env bash
# What a cluster needs, into dist/ (or VITALFEW_DIST): the wheel, vitalfew.zip for --py-files, conf.zip and environment.tar.gz for --archives;
# and sbom.json (CycloneDX), what is in that environment.
#   bash scripts/package.sh            all of it
#   bash scripts/package.sh --code     all but the environment (seconds)
#   bash scripts/package.sh --zip      the zips only (at once, with nothing installed)
# The environment holds libraries and no Python: PYTHON names the one that it is made for, and that every node must have.
set -euo pipefail
ROOT=$(cd "$(dirname "$0")/.." && pwd)
. "$ROOT/scripts/environment.sh"
case "${1:-}" in
    "" | --code | --zip) ;;
    *) echo "usage: package.sh [--code | --zip]" >&2; exit 2 ;;
esac
cd "$ROOT"
DIST=${VITALFEW_DIST:-dist}
mkdir -p "$DIST"
new=$(mktemp -d "$DIST/new.XXXXXX") # renamed when it is whole: a job may be reading the zip that is there
trap 'rm -rf "$new"' EXIT
"${PYTHON:-python3}" - "$new" <<'PY'
"""The package as a zip that Python imports from, and the configuration; a fixed date makes the same files the same bytes."""
import sys
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo


def pack(name, files, below):
    with ZipFile(Path(sys.argv[1], name), "w", ZIP_DEFLATED) as archive:
        for path in sorted(files):
            info = ZipInfo(str(path.relative_to(below)), (2026, 1, 1, 0, 0, 0))
            info.compress_type = ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, path.read_bytes())


pack("vitalfew.zip", (p for kind in ("*.py", "*.yml") for p in Path("libs/vitalfew").rglob(kind)), "libs")
pack("conf.zip", Path("conf").rglob("*.yml"), "conf")
PY
PYTHONPATH=libs "${PYTHON:-python3}" scripts/sbom.py locks/environment.txt > "$new/sbom.json"
mv -f "$new"/*.zip "$new/sbom.json" "$DIST"
[ "${1:-}" != "--zip" ] || exit 0
which_python='import sys; print(sys.base_prefix, sys.version)'
if ! { command -v venv-pack && python -c 'import build, setuptools' &&
    [ "$(python -c "$which_python")" = "$("${PYTHON:-python3}" -c "$which_python")" ]; } > /dev/null 2>&1; then
    environment package "" "build>=1" "venv-pack2>=0.3"
fi
rm -rf build "$DIST"/*.whl
isolation=--no-isolation # with the setuptools of the lock
[ "${VITALFEW_LOCKED:-1}" = 1 ] || isolation=
python -m build --wheel ${isolation:+"$isolation"} --outdir "$DIST" . > "$DIST/build.log" 2>&1 || { cat "$DIST/build.log" >&2; exit 1; }
if [ "${1:-}" != "--code" ]; then
    unset PYTHONPATH # what is there would count as installed
    python -m venv --without-pip "$new/environment"
    if [ "${VITALFEW_LOCKED:-1}" = 1 ]; then
        python -m pip --python "$new/environment" install --quiet --disable-pip-version-check --require-hashes --no-deps --requirement locks/environment.txt
        python -m pip --python "$new/environment" install --quiet --disable-pip-version-check --no-deps "$DIST"/*.whl
    else
        python -m pip --python "$new/environment" install --quiet --disable-pip-version-check "$DIST"/*.whl "pandas<3"
    fi
    "$new/environment/bin/python" scripts/environment_note.py > "$new/environment/environment.json"
    venv-pack --quiet --prefix "$new/environment" --output "$new/environment.tar.gz"
    chmod 644 "$new/environment.tar.gz"
    mv -f "$new/environment.tar.gz" "$DIST"
    echo "environment.tar.gz is for nodes such as: $(cat "$new/environment/environment.json")"
fi
if command -v pip-audit > /dev/null; then # else, and where its database cannot be reached, nothing is known: scripts/audit.py says so
    "${PYTHON:-python3}" scripts/audit.py locks/environment.txt || [ $? = 2 ]
else
    echo "environment.txt: not audited: pip-audit is missing (pip install pip-audit, then python scripts/audit.py)"
fi
ls -l "$DIST"
