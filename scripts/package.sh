#!/usr/bin/env bash
# What a cluster needs, into dist/: the wheel, vitalfew.zip for --py-files, and an environment for --archives.
#   bash scripts/package.sh            wheel, zip and environment
#   bash scripts/package.sh --code     wheel and zip only (seconds)
#   bash scripts/package.sh --zip      zip only (at once, with nothing installed)
set -euo pipefail
ROOT=$(cd "$(dirname "$0")/.." && pwd)
. "$ROOT/scripts/environment.sh"
case "${1:-}" in
    "" | --code | --zip) ;;
    *) echo "usage: package.sh [--code | --zip]" >&2; exit 2 ;;
esac
cd "$ROOT"
mkdir -p dist
new=$(mktemp dist/vitalfew.zip.XXXXXX) # renamed when it is whole: a job may be reading the zip that is there
trap 'rm -f "$new"' EXIT
chmod 644 "$new"
"${PYTHON:-python3}" - "$new" <<'PY'
"""The package as a zip that Python imports from; a fixed date makes the same code the same bytes."""
import sys
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

with ZipFile(sys.argv[1], "w", ZIP_DEFLATED) as archive:
    for path in sorted(p for kind in ("*.py", "*.yml") for p in Path("libs/vitalfew").rglob(kind)):
        info = ZipInfo(str(path.relative_to("libs")), (2026, 1, 1, 0, 0, 0))
        info.compress_type = ZIP_DEFLATED
        archive.writestr(info, path.read_bytes())
PY
mv -f "$new" dist/vitalfew.zip
[ "${1:-}" != "--zip" ] || exit 0
environment package "" "build>=1" "venv-pack2>=0.3"
rm -rf build dist/*.whl
python -m build --wheel --outdir dist . > dist/build.log 2>&1 || { cat dist/build.log >&2; exit 1; }
if [ "${1:-}" != "--code" ]; then
    python -m venv dist/environment
    dist/environment/bin/python -m pip install --quiet --disable-pip-version-check dist/*.whl "pandas<3"
    rm -f dist/environment.tar.gz
    venv-pack --prefix dist/environment --output dist/environment.tar.gz
    rm -rf dist/environment
fi
ls -l dist
