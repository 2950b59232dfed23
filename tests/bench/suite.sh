#!/bin/bash
# What the tests took when they last ran as a whole (build/test-times): processor time, which
# other programs change little, of all but those with windows, real terminals and slow lines,
# which mostly wait. `make bench` calls it.
#
#   BENCH_TIMES  that file, such as one of another commit
set -u
cd "$(dirname "$0")/../.." || exit 1
times=${BENCH_TIMES:-build/test-times}
[ -f "$times" ] || {
    echo "The tests: no $times; make check or make test writes it"
    exit 0
}
echo "The tests, as $times has them"
awk '
    function row(what, text) { printf "  %-46s %s\n", what, text }
    {
        group = $3 ~ /^real\// ? "with windows and real terminals" : "deterministic, " $2
        cpu[group] += $4
        wall[group] += $1
        n[group]++
        if (NF < 4) old = 1
        if ($3 !~ /^real\//) all += $4
    }
    END {
        for (g in n)
            row(g, sprintf("%d tests, %s s of processor time, %.0f s one after the other", n[g],
                           old ? "?" : sprintf("%.1f", cpu[g] / 1000), wall[g] / 1000))
        row("deterministic", old ? "not measured: the file is of an older tests/run.sh" \
                                 : sprintf("%.1f s of processor time", all / 1000))
    }' "$times" | sort
