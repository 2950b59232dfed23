#!/bin/bash
# E: what a packager hands to make: his flags come last, ours stay, and warnings are no
# errors for him. No compiler runs but for one file.
. tests/support/tap.sh
need make gcc
work=$(mktemp -d)
at_exit 'rm -rf "$work"'

# commands VARIABLE=VALUE...: how one file would be compiled, and how the program linked.
commands() {
    env -u MAKEFLAGS -u MAKELEVEL make -n V=1 BUILD="$work/build" "$@" all >"$work/commands" 2>&1
    compiled=$(grep -- ' -c -o .*/quantize\.o src/term/' "$work/commands")
    linked=$(grep -- "-o $work/build/thumbtag " "$work/commands")
}

commands
like "$compiled" ' -O2 .* -O3 ' "by default: -O2, more for the loops"
like "$compiled" '-D_FORTIFY_SOURCE=2' "by default: fortified"
commands CPPFLAGS='-DTHEIRS -D_FORTIFY_SOURCE=3' CFLAGS='-O1 -gtheirs' LDFLAGS=-Wl,--theirs \
    LDLIBS=-ltheirs
like "$compiled" ' -Iinclude .* -DTHEIRS .* -O1 -gtheirs ' "CPPFLAGS and CFLAGS come last"
like "$compiled" '^[^ ]+ .* -std=c11 ' "ours stay"
is "$(grep -o -- '-D_FORTIFY_SOURCE=[0-9]' <<<"$compiled")" -D_FORTIFY_SOURCE=3 "one FORTIFY_SOURCE, theirs"
like "$linked" '-Wl,-z,relro,-z,now .*-Wl,--theirs .*-ltheirs' "LDFLAGS and LDLIBS come last, relro stays"
if grep -q -- -Werror "$work/commands"; then
    not_ok "warnings are no errors"
else
    ok "warnings are no errors"
fi
commands WERROR=-Werror
like "$compiled" ' -Werror ' "for developers they are"
if env -u MAKEFLAGS -u MAKELEVEL make BUILD="$work/build" CPPFLAGS=-D_FORTIFY_SOURCE=3 WERROR=-Werror \
    "$work/build/base/text.o" >"$work/log" 2>&1; then
    ok "_FORTIFY_SOURCE=3 compiles"
else
    not_ok "_FORTIFY_SOURCE=3 compiles" "$(cat "$work/log")"
fi
finish
