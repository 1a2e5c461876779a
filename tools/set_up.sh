#!/bin/sh
# Gets a checkout ready to run, once: a virtual environment, what an extra of pyproject.toml needs, the native engine.
#
#     sh tools/set_up.sh demo|dev|bench    set up; prints nothing and takes a moment when all is done already
#     sh tools/set_up.sh --which           print the Python that would be used
#
# PYTHON=… names the Python to use; otherwise it is the first of python3.14 … python3.11, python3 that runs, is new
# enough and has ensurepip. VENV=… names the environment (.venv). Each step leaves a note in the environment when it has
# succeeded, with what it depended on; nothing is left after a failure, so the next run does that step again.
set -eu
cd "$(dirname "$0")/.."
VENV=${VENV:-.venv}

say() { printf 'slopewise: %s\n' "$*"; }

# Does this Python run, is it new enough, and can it make environments? (A pyenv shim may exist and not run; Debian's
# python3 may come without ensurepip.)
is_fit() {
    "$1" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 </dev/null
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        is_fit "$PYTHON" && { command -v "$PYTHON"; return; }
        say "PYTHON=$PYTHON does not run, is older than 3.11 or lacks ensurepip; give another, or none to have one found" >&2
        return 1
    fi
    for name in python3.14 python3.13 python3.12 python3.11 python3; do
        if is_fit "$name"; then
            command -v "$name"
            return
        fi
    done
    say "no Python from 3.11 on with ensurepip was found among python3.14 … python3.11, python3" >&2
    say "install one (on Debian: apt install python3 python3-venv), or name one: make PYTHON=/path/to/python3" >&2
    return 1
}

identity_of() { "$1" -c 'import sys; print(sys.base_prefix, sys.version.split()[0])' 2>/dev/null </dev/null; }

has_note() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }

make_environment() {
    note=$VENV/environment.stamp
    here=$(pwd)
    current=$(identity_of "$python" || true)
    wanted=$current
    [ -z "${PYTHON:-}" ] || wanted=$(identity_of "$(find_python)")
    if [ -n "$current" ] && [ "$current" = "$wanted" ]; then
        has_note "$note" "$here $current" && return
        # Somebody's own environment is taken over if it works; one that came here from elsewhere points there.
        if [ ! -f "$note" ] && is_fit "$python" && "$python" -m pip --version >/dev/null 2>&1; then
            printf '%s\n' "$here $current" >"$note"
            return
        fi
    fi
    found=$(find_python)
    say "making $VENV with $found"
    "$found" -m venv --clear "$VENV"
    printf '%s\n' "$here $(identity_of "$python")" >"$note"
}

pip_install() { "$python" -m pip install -qq --disable-pip-version-check --no-input "$@" </dev/null; }

requirements() {
    "$python" -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))$1, sep='\n')"
}

install_builder() {
    needed=$(requirements "['build-system']['requires']")
    note=$VENV/builder.stamp
    has_note "$note" "$needed" && return
    say "installing what the build needs"
    printf '%s\n' "$needed" >"$VENV/builder.txt"
    pip_install -r "$VENV/builder.txt"
    printf '%s\n' "$needed" >"$note"
}

build_native() {
    "$python" -P src/slopewise/_native.py --check && return
    say "building the native engine"
    "$python" setup.py --quiet build_ext --inplace </dev/null
}

install_extra() {
    state=$(cksum pyproject.toml)
    note=$VENV/$1.stamp
    has_note "$note" "$state" && return
    say "installing slopewise[$1] into $VENV"
    if ! pip_install --no-build-isolation --editable ".[$1]"; then
        [ "$1" = bench ] || exit 1
        say "not every peer can be installed here; the missing ones become rows \"not installed\""
        pip_install --no-build-isolation --editable .
        requirements "['project']['optional-dependencies']['bench']" | while read -r peer; do
            pip_install "$peer" || say "left out: $peer"
        done
    fi
    printf '%s\n' "$state" >"$note"
}

case ${1:-} in
    --which) find_python ;;
    demo | dev | bench)
        python=$VENV/bin/python
        make_environment
        install_builder
        build_native
        install_extra "$1"
        ;;
    *)
        sed -n '2,6s/^# \{0,1\}//p' "$0" >&2
        exit 2
        ;;
esac
