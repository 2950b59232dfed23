#!/bin/bash
# run.sh [--jobs N] [--under COMMAND] [--group NAME THUMBTAG FACTOR] TEST...
#
# Runs test programs and test scripts (*.sh) that print TAP from the root of the
# repository, N at a time (default: one more than there are processors, as some wait for
# the disk). Tests in windows and over slow lines, which are those in tests/real and those
# that say "mostly waits" in one of their first 30 lines, take half a place, up to N - 1 of
# them: so they run beside the others from the start, and two of them as well as one test
# that computes. The last line of the output is "N passed, N failed, N skipped"; the exit
# status is 1 when anything failed.
# Those that take longest come first, as far as the file `build/test-times` of the
# last run tells (for each its milliseconds, its group, its name, and the milliseconds of
# processor time that it and what it ran took), and where there is none those that say
# "takes long" up there.
#
# --group gives the tests behind it a name, the binary under test (in
# $THUMBTAG) and a factor on their time limits, for slow builds. --under names the
# command that runs the programs behind it, such as an emulator.
# A test that hangs is ended after 400 seconds, or what its source says in a line
# with "timeout: SECONDS" among its first 30; that is many times what it takes on a
# busy machine. Counted as a failure of its own: a
# program that dies, that runs out of time, that exits with an error though no
# test failed, that runs fewer tests than planned, or none.
set -u
cd "$(dirname "$0")/.." || exit 1
export LC_ALL=C.UTF-8 CMOCKA_MESSAGE_OUTPUT=TAP
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:detect_stack_use_after_return=1:allocator_may_return_null=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
# The tester's own configuration and terminal are no part of the tests.
unset XDG_CONFIG_HOME XDG_CACHE_HOME XDG_DATA_HOME NO_COLOR COLORTERM TMUX TMUX_PANE \
    LINES COLUMNS DISPLAY CDPATH ENV BASH_ENV
if [ -z "${THUMBTAG_SHARED:-}" ] && [ -d ../shared ]; then
    THUMBTAG_SHARED=$(cd ../shared && pwd)
    export THUMBTAG_SHARED
fi

# Test programs make and remove files by the ten thousand: in memory, where there is room;
# scripts run the program itself, on the disk.
scratch=$(mktemp -d "${TMPDIR:-/tmp}/thumbtag-tests.XXXXXX") || exit 1
memory=$scratch
if [ "$(df -k --output=avail /dev/shm 2>/dev/null | tail -n 1)" -ge 1048576 ] 2>/dev/null; then
    memory=$(mktemp -d /dev/shm/thumbtag-tests.XXXXXX 2>/dev/null) || memory=$scratch
fi
chmod 711 "$scratch" "$memory" # for tests that become another user, where root runs them
clean_up() {
    chmod -R u+rwX "$scratch" "$memory" 2>/dev/null
    rm -rf "$scratch" "$memory"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

passed=0 failed=0 skipped=0
times=$scratch/times skips=$scratch/skips
touch "$times" "$skips"
last_times=build/test-times

# The source of a test: itself, or of build/X/tests/L/test_Y tests/L/test_Y.c.
source_of() {
    case $1 in
    *.sh) echo "$1" ;;
    *) echo "tests/${1##*/tests/}.c" ;;
    esac
}

time_limit() {
    local own
    own=$(head -n 30 "$(source_of "$1")" 2>/dev/null |
        sed -n 's/.*timeout: *\([0-9][0-9]*\).*/\1/p' | head -n 1)
    echo $((${own:-400} * factor))
}

# Lines "WHAT SOURCE" for what sources say of themselves.
marks=$(awk 'FNR > 30 { next }
    /mostly waits/ { print "waits " FILENAME }
    /takes long([^e]|$)/ { print "long " FILENAME }' tests/*/*.sh tests/*/*.c 2>/dev/null)

# says WHAT TEST
says() {
    local source=$2
    [[ $2 == *.sh ]] || source=tests/${2##*/tests/}.c
    [[ $'\n'$marks$'\n' == *$'\n'"$1 $source"$'\n'* ]]
}

mostly_waits() {
    [[ $1 == tests/real/* ]] || says waits "$1"
}

# Reads TAP: prints "PASSED FAILED SKIPPED PLANNED" (-1: no plan) and appends the
# skipped tests to the file `skips`. A reason stands behind "# SKIP", or, as cmocka
# knows none, is the last line that the test printed before.
count_results() {
    tr -d '\r' <"$1" | LC_ALL=C awk -v skips="$skips" -v title="$2" '
        function note_skip(text) {
            print title ": " text >>skips
            skipped++
        }
        /^1\.\.[0-9]+/ {
            planned += substr($1, 4)
            plans++
            if ($1 == "1..0" && sub(/^[^#]*# *[Ss][Kk][Ii][Pp][^ ]* */, ""))
                note_skip($0)
            said = ""
            next
        }
        /^(not )?ok( |$)/ {
            if (match($0, /# *[Ss][Kk][Ii][Pp][A-Za-z]*/)) {
                name = substr($0, 1, RSTART - 1)
                why = substr($0, RSTART + RLENGTH + 1)
                sub(/^(not )?ok *[0-9]* *-? */, "", name)
                sub(/ +$/, "", name)
                if (name == "") { name = why; why = said }
                note_skip(name (why == "" ? "" : " (" why ")"))
            } else if (/^not /) {
                failed++
            } else {
                passed++
            }
            said = ""
            next
        }
        # cmocka repeats a failure as "# not ok - NAME".
        !/^# (not )?ok - / && NF { said = $0; sub(/^# */, "", said) }
        END { print passed + 0, failed + 0, skipped + 0, plans ? planned : -1 }
    '
}

# What went wrong with the program as a whole, if anything.
verdict() {
    local rc=$1 limit=$2 ok=$3 bad=$4 skip=$5 planned=$6
    local ran=$((ok + bad + skip))
    if [ "$rc" -eq 124 ] || [ "$rc" -eq 137 ]; then
        echo "still running after $limit s, or killed"
    elif [ "$rc" -gt 128 ]; then
        echo "died of SIG$(kill -l $((rc - 128)) 2>/dev/null || echo " $rc")"
    elif [ "$rc" -ne 0 ] && [ "$bad" -eq 0 ]; then
        echo "exit status $rc, though no test failed"
    elif [ "$ran" -eq 0 ]; then
        echo 'ran no test'
    elif [ "$planned" -lt 0 ]; then
        echo 'ended without a plan (1..N), so before its last test'
    elif [ "$ran" -lt "$planned" ]; then
        echo "$ran results of $planned planned"
    fi
}

# run_test NUMBER: writes what is to be printed to $scratch/NUMBER.out, then
# "PASSED FAILED SKIPPED" to $scratch/NUMBER.counts.
run_test() {
    local number=$1 test=${tests[$1]} name limit rc start took used what
    local group=${groups[$1]} factor=${factors[$1]} binary=${binaries[$1]}
    local log=$scratch/$number.log tmp=$scratch/$number.tmp TIMEFORMAT='%3U %3S'
    local -a command=("$test") counts
    name=${test##*/tests/}
    name=${name#tests/}
    limit=$(time_limit "$test")
    case $test in
    *.sh) command=(bash "$test") ;;
    */*) ;;
    *) command=("./$test") ;;
    esac
    case $test in
    *.sh) ;;
    *) command=("${under[@]}" "${command[@]}") tmp=$memory/$number.tmp ;;
    esac
    mkdir -p "$tmp/home"
    start=$(date +%s%N)
    { # bash's own word about a death goes nowhere
        time TMPDIR=$tmp HOME=$tmp/home THUMBTAG=$binary timeout -k 5 "$limit" "${command[@]}" \
            </dev/null >"$log" 2>&1
        rc=$?
    } 2>"$scratch/$number.used"
    used=$(tail -n 1 "$scratch/$number.used" | awk '{ printf "%d", 1000 * ($1 + $2) }')
    took=$((($(date +%s%N) - start) / 1000000))
    chmod -R u+rwX "$tmp" 2>/dev/null
    rm -rf "$tmp"

    skips=$scratch/$number.skips
    read -ra counts < <(count_results "$log" "$group $name")
    what=$(verdict "$rc" "$limit" "${counts[@]}")
    [ -z "$what" ] || counts[1]=$((counts[1] + 1))
    printf '%d %s %s %d\n' "$took" "$group" "$name" "$used" >>"$times"
    {
        printf '  %-8s %-32s %4d passed' "$group" "$name" "${counts[0]}"
        [ "${counts[2]}" -eq 0 ] || printf ', %d skipped' "${counts[2]}"
        [ "${counts[1]}" -eq 0 ] || printf ', %d FAILED' "${counts[1]}"
        printf '  %d.%02d s\n' $((took / 1000)) $((took % 1000 / 10))
        if [ "${counts[1]}" -gt 0 ]; then
            [ -z "$what" ] || printf '    %s: %s\n' "$test" "$what"
            tail -n 200 "$log" | tr -d '\000-\010\013-\037' | LC_ALL=C sed 's/^/    | /'
        fi
    } >"$scratch/$number.out"
    echo "${counts[@]:0:3}" >"$scratch/$number.tmp.counts"
    mv "$scratch/$number.tmp.counts" "$scratch/$number.counts"
}

# Waits for one of the tests that run, and prints and counts what has ended. False when none
# runs any more.
collect() {
    local file number ok bad skip
    wait -n 2>/dev/null
    local rc=$?
    for file in "$scratch"/*.counts; do
        case $file in
        */\*.counts | *.tmp.counts) continue ;;
        esac
        number=${file##*/}
        number=${number%.counts}
        read -r ok bad skip <"$file"
        passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + skip))
        cat "${file%.counts}.out"
        rm "$file"
        collected=$((collected + 1))
        taken=$((taken - halves[number]))
        [ "${halves[number]}" = 2 ] || waiting=$((waiting - 1))
    done
    [ "$rc" -ne 127 ]
}

jobs=$(($(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2) + 1))
group=tests binary=${THUMBTAG:-} factor=1
under=()
tests=() groups=() binaries=() factors=()
while [ $# -gt 0 ]; do
    case $1 in
    --jobs)
        jobs=$2
        shift 2
        ;;
    --under)
        read -ra under <<<"$2"
        shift 2
        ;;
    --group)
        group=$2 binary=$3 factor=$4
        case $binary in
        /*) ;;
        *) binary=$PWD/$binary ;;
        esac
        shift 4
        ;;
    *)
        tests+=("$1") groups+=("$group") binaries+=("$binary") factors+=("$factor")
        shift
        ;;
    esac
done

# The numbers of the tests, those that took longest last time first. Of those without
# a time the ones come first that say so, then scripts, then programs; slow builds ahead.
in_order() {
    local i name guess
    for i in "${!tests[@]}"; do
        name=${tests[i]##*/tests/}
        name=${name#tests/}
        guess=${factors[i]}
        [[ $name != *.sh ]] || guess=$((2000 * factors[i]))
        ! says long "${tests[i]}" || guess=$((7000 * factors[i]))
        echo "$guess $i ${groups[i]} $name"
    done | awk '
        FILENAME == "-" { print (($3 " " $4) in took ? took[$3 " " $4] : $1), $2; next }
        { took[$2 " " $3] = $1 }
    ' "$(test -f "$last_times" && echo "$last_times" || echo /dev/null)" - | sort -k1,1nr -k2,2n | cut -d' ' -f2
}

halves=()   # of a place, that a test takes, by number
queue=()    # of those that compute
slow=()     # of those that mostly wait
taken=0     # halves of places
waiting=0   # tests that mostly wait
collected=0 # results
for number in $(in_order); do
    if mostly_waits "${tests[number]}"; then
        halves[number]=1
        slow+=("$number")
    else
        halves[number]=2
        queue+=("$number")
    fi
done

# Sets $number to the test that may start now; false: none may.
next_test() {
    if [ "${#slow[@]}" -gt 0 ] && [ "$taken" -lt $((2 * jobs)) ] &&
        { [ "$waiting" -eq 0 ] || [ "$waiting" -lt $((jobs - 1)) ]; }; then
        number=${slow[0]} slow=("${slow[@]:1}")
        waiting=$((waiting + 1))
    elif [ "${#queue[@]}" -gt 0 ] && [ $((taken + 1)) -lt $((2 * jobs)) ]; then
        number=${queue[0]} queue=("${queue[@]:1}")
    else
        return 1
    fi
    taken=$((taken + halves[number]))
}

while :; do
    while next_test; do
        run_test "$number" &
    done
    collect || break
done
if [ "$collected" -ne "${#tests[@]}" ]; then
    echo "$((${#tests[@]} - collected)) tests have left no result"
    failed=$((failed + ${#tests[@]} - collected))
fi

cat "$scratch"/*.skips >"$skips" 2>/dev/null
if [ -s "$skips" ]; then
    echo 'Skipped:'
    sed 's/^/  /' "$skips"
fi
echo 'Slowest:'
sort -rn "$times" | head -n 5 |
    while read -r ms group what _; do
        printf '  %4d.%02d s  %s\n' $((ms / 1000)) $((ms % 1000 / 10)) "$group $what"
    done
if [ "${#tests[@]}" -gt 20 ] && [ -d build ]; then
    cp "$times" "$last_times"
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ $((passed + skipped)) -gt 0 ]
