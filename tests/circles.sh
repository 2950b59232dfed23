#!/bin/bash
# circles.sh OBJECT...: fails, and names them, if some of the files need each other in a circle.
# What a file needs are the global symbols that it uses and another one defines.
set -o pipefail
circles=$("${NM:-nm}" -P "$@" | awk '
    /:$/ { file = substr($1, 1, length($1) - 1); next }
    $2 == "U" { uses[file, $1] = 1; next }
    $2 ~ /^[A-Z]$/ { home[$1] = file }
    END {
        for (use in uses) {
            split(use, part, SUBSEP)
            if (part[2] in home && home[part[2]] != part[1])
                print part[1], home[part[2]]
        }
    }' | sort -u | tsort 2>&1 >/dev/null)
if [ -n "$circles" ]; then
    printf 'files that need each other in a circle:\n%s\n' "${circles//tsort: /}"
    exit 1
fi
