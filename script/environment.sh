# Makes .venv and keeps it as the requirements say. Sourced by script/serve and script/test.
#
# POSIX sh, because it is the first thing that runs on a fresh machine.

root=$(cd "$(dirname "$0")/.." && pwd)
venv=$root/.venv
unfinished=$venv/install-unfinished

say() {
    printf '%s\n' "$*" >&2
}

# have_packages LIST…: brings requirements/LIST.txt and the project itself into .venv.
# Costs a few milliseconds when nothing changed since the last time.
have_packages() {
    for list in "$@"; do
        is_current "$list" && continue
        have_venv
        say "Installing the packages of requirements/$list.txt (the first time takes a minute or two) …"
        : >"$unfinished"
        install_list "$list" || give_up_installing
        inputs "$list" >"$venv/installed-$list"
        rm "$unfinished"
    done
}

# A list is current when everything that went into its installation is still the same, byte by byte.
is_current() {
    [ -x "$venv/bin/python" ] && [ ! -e "$unfinished" ] && is_wanted_python &&
        [ -e "$venv/installed-$1" ] &&
        inputs "$1" | cmp -s - "$venv/installed-$1"
}

# FORUM_PYTHON names the Python that .venv should be made with; without it any that is there will do.
is_wanted_python() {
    [ -z "${FORUM_PYTHON:-}" ] ||
        [ "$(version_of "$FORUM_PYTHON")" = "$(version_of "$venv/bin/python")" ]
}

version_of() {
    "$1" --version 2>/dev/null
}

inputs() {
    printf '%s\n' "$root"
    cat "$root/pyproject.toml" "$root/requirements/$1.txt"
}

install_list() {
    pip install --require-hashes --requirement "$root/requirements/$1.txt" &&
        { [ "$1" != runtime ] || pip install --no-deps --no-build-isolation --editable "$root"; }
}

pip() {
    "$venv/bin/python" -m pip --quiet --quiet --disable-pip-version-check "$@"
}

give_up_installing() {
    say "The packages could not be installed; pip says above why."
    say "When that is mended (the network, a full disk), run the same command again."
    exit 1
}

# An interrupted installation can leave packages that pip does not recognise: start afresh.
have_venv() {
    if [ ! -e "$unfinished" ] && is_wanted_python &&
        "$venv/bin/python" -m pip --version >/dev/null 2>/dev/null; then
        return
    fi
    python=$(suitable_python) || explain_python
    say "Making .venv with $("$python" --version) …"
    "$python" -m venv --clear "$venv" || explain_python
}

# Each candidate is run, not only looked up: a version manager's shim may stand for nothing,
# and Debian ships a Python whose venv lacks ensurepip.
suitable_python() {
    for candidate in ${FORUM_PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
            2>/dev/null; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    return 1
}

explain_python() {
    say "Folkmoot needs Python 3.11 or newer with its venv module."
    python=${FORUM_PYTHON:-python3}
    say "Found: $("$python" --version 2>/dev/null || echo "no $python on PATH")."
    say "  Debian, Ubuntu:  apt install python3 python3-venv"
    say "  Fedora:          dnf install python3"
    say "  macOS:           brew install python"
    exit 1
}
