#!/bin/sh
# install-packages.sh KIND...: installs what .packages lists for these kinds
# and this machine lacks. Debian and its children only; elsewhere it names what
# is missing, and fails if the build cannot do without.
set -u
cd "$(dirname "$0")/.." || exit 1

# Names that are neither installed nor provided by something installed.
missing_packages() {
    dpkg-query -W -f '${db:Status-Status}\t${Package}\t${Provides}\n' 2>/dev/null |
        awk -v kinds=" $* " '
            FILENAME == "-" {
                if ($1 != "installed") next
                have[$2] = 1
                for (i = 3; i <= NF; i++) { sub(/,$/, "", $i); have[$i] = 1 }
                next
            }
            /^[a-z]/ && index(kinds, " " $1 " ") && !($2 in have) { print $2 }
        ' - .packages
}

wanted_packages() {
    awk -v kinds=" $* " '/^[a-z]/ && index(kinds, " " $1 " ") { print $2 }' .packages
}

# True when a compiler finds what the build cannot do without.
can_build() {
    for library in ncursesw libsixel stb openblas libxxhash jansson expat; do
        pkg-config --exists "$library" 2>/dev/null || return 1
    done
    case " $* " in
    *" check "*) pkg-config --exists cmocka || return 1 ;;
    esac
    printf '#include <iniparser.h>\n' |
        ${CC:-cc} -I/usr/include/iniparser -fsyntax-only -x c - 2>/dev/null
}

go_on_without() {
    if can_build "$kinds"; then
        echo "$1: $list" >&2
        echo 'Going on: what the build needs is there. Tests that need more are skipped.' >&2
        exit 0
    fi
    echo "$1, and the build needs them: $list" >&2
    exit 1
}

kinds="$*"
if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    list=$(wanted_packages "$@" | tr '\n' ' ')
    can_build "$kinds" && exit 0
    go_on_without 'There is no apt-get here to install these packages (names of Debian)'
fi

list=$(missing_packages "$@" | tr '\n' ' ')
[ -n "$list" ] || exit 0

run=
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        go_on_without 'Missing packages, to be installed as root with apt-get install'
    fi
    run='sudo'
fi

echo "Installing: $list"
apt() {
    # shellcheck disable=SC2086
    $run env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@" </dev/null
}
# shellcheck disable=SC2086
install_list() {
    apt install -y --no-install-recommends $list
}
lists=$(find /var/lib/apt/lists -name '*_Packages*' 2>/dev/null | head -n 1)
[ -n "$lists" ] || apt update
# What apt-get has to say is shown when it fails.
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
# Old lists name files that the mirror no longer has: then once more with new ones.
if ! install_list >"$log" 2>&1; then
    apt update
    if ! install_list >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        go_on_without 'apt-get could not install these packages'
    fi
fi
