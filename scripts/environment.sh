# Sourced by the other scripts: `environment NAME EXTRAS [PACKAGE…]` makes .venv-NAME, once, and puts it on the PATH.
# It installs into that folder only; it is made again when setup.py, the lock, the extras or Python change.
# What is installed is what locks/NAME.txt names, by its hashes; VITALFEW_LOCKED=0 takes the newest that setup.py allows.

environment() {
    local name=$1 extras=$2
    shift 2
    local folder="$ROOT/.venv-$name" python=${PYTHON:-python3} lock="$ROOT/locks/$name.txt" wanted
    [ "${VITALFEW_LOCKED:-1}" = 1 ] && [ -f "$lock" ] || lock=/dev/null
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
        echo "Vital Few needs Python 3.11 or later; '$python' is $("$python" --version 2>&1 || echo missing). Set PYTHON to one." >&2
        return 1
    }
    wanted="$("$python" --version) $extras $* $(cat "$ROOT/setup.py" "$ROOT/libs/vitalfew/__init__.py" "$ROOT/libs/vitalfew/requirements.py" "$lock" | cksum)"
    if [ "$(cat "$folder/made-for" 2>/dev/null)" != "$wanted" ]; then
        echo "Making $folder (once; a minute or two) …" >&2
        rm -rf "$folder"
        "$python" -m venv "$folder" || { echo "python3-venv is missing: install it, or set PYTHON." >&2; return 1; }
        if [ "$lock" = /dev/null ]; then
            "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --editable "$ROOT${extras:+[$extras]}" "$@" || return 1
        else
            install_locked "$folder/bin/python" "$lock" || return 1
            "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable "$ROOT" || return 1
        fi
        echo "$wanted" > "$folder/made-for"
    fi
    PATH="$folder/bin:$PATH"
    export PATH
}

install_locked() { # PYTHON LOCK: everything in a lock, and nothing else, each file by its hash
    "$1" -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --requirement "$2"
}

need_java() {
    if ! { [ -n "${JAVA_HOME:-}" ] && [ -x "$JAVA_HOME/bin/java" ]; } && ! command -v java >/dev/null; then
        echo "Engine spark needs Java 17 or later, and there is no 'java' on the PATH nor a JAVA_HOME." >&2
        echo "Install a JDK (Debian: apt-get install openjdk-17-jre-headless), or leave --engine away: the embedded engine needs none." >&2
        return 1
    fi
}
