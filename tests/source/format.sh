#!/bin/bash
# The sources are in one dialect: as .clang-format has it, with braces around every
# statement that another one controls, and as src/README.md has what that leaves open.
. tests/support/tap.sh
version=14 # of clang-format: others format differently. Debian 12 has it.

mapfile -t files < <(find src include tests samples man -name '*.[ch]' | LC_ALL=C sort)

is "$(awk -f tests/source/braces.awk "${files[@]}")" "" "every statement has braces"
is "$(awk -f tests/source/dialect.awk "${files[@]}")" "" "every condition and blank line is as it should be"

clang_format=
for command in "clang-format-$version" clang-format; do
    case $("$command" --version 2>/dev/null) in
    *" version $version."*) clang_format=$command ;;
    esac
done
if [ -n "$clang_format" ]; then
    is "$("$clang_format" --dry-run "${files[@]}" 2>&1 | sed -n 's/: warning: .*//p')" "" \
        "all is formatted ($clang_format -i FILE does it)"
else
    skip "all is formatted" "clang-format $version is not installed"
fi

# The check itself, on what it must find.
file=$(mktemp)
at_exit "rm -f '$file'"
cat >"$file" <<'END'
static int f(int a, char *s)
{
    if (a)
        return 1;
    if (a > 1 &&
        s[0] == '(') { /* if (a) */
        a++;
    } else
        a--;
    for (; a < 9; a++) {
        while (a & 1)
            a++;
    }
    do
        a++;
    while (a < 20);
    do {
        a += puts("while (");
    } while (a < 30);
    switch (a) {
    default:
        break;
    }
    if (a) {
    } else if (!a)
        a = 0;
    return a;
}
END
is "$(awk -f tests/source/braces.awk "$file" | sed 's/.*://' | paste -sd' ')" "3 8 11 14 16 25" \
    "E a missing brace is found"

cat >"$file" <<'END'
#include "b.h"
#include "a.h"

#include "A.h"
static bool f(char *s)
{
    bool there = s != NULL;

    if (s == NULL) {
        return false;
    }
    while (s != NULL && there) {
        s = s != NULL ? NULL : s;
    }
    if (strchr(s, 'a') != NULL) {
        return f(s);
    }
    return s != NULL;
}

struct s;
END
is "$(awk -f tests/source/dialect.awk "$file" | sed 's/^[^:]*:\([0-9]*\):.*/\1/' | paste -sd' ')" \
    "2 8 9 12 13 15" "E another dialect is found"
finish
