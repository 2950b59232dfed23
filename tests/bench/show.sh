#!/bin/bash
# Whole processes, from a JPEG to sixel on standard output: `thumbtag show`, and
# img2sixel and chafa where they are installed. Processor time, user and system,
# of runs one after the other (tests/bench/processes.c); what is compared with the
# targets is the median over the rounds of our share of a peer's time. `make bench`
# calls it.
#
#   THUMBTAG         the program (build/release/thumbtag)
#   THUMBTAG_SHARED  third-party data (../shared); samples/ serve without
#   ROUNDS           of the small pictures (31); the large ones have a third
set -u
cd "$(dirname "$0")/../.." || exit 1

thumbtag=${THUMBTAG:-$PWD/build/release/thumbtag}
shared=${THUMBTAG_SHARED:-../shared}
rounds=${ROUNDS:-31}
work=$(mktemp -d "${TMPDIR:-/tmp}/thumbtag-bench-XXXXXX") || exit 1
export XDG_CACHE_HOME=$work/cache XDG_CONFIG_HOME=$work/config
trap 'rm -rf "$work"' EXIT

has() { command -v "$1" >/dev/null; }

row() { printf '  %-46s %s\n' "$1" "$2"; }

# target SHARE PARTS PEER: ours is to take at most one in so many parts.
target() {
    awk -v share="$1" -v parts="$2" -v peer="$3" 'BEGIN {
        printf "  %-46s target <= 1/%s of %s: ", "", parts, peer
        if (share * parts <= 1) printf "met, 1/%.2f\n", 1 / share
        else printf "missed, 1/%.2f\n", 1 / share
    }'
}

# photos COUNT: paths of photographs from all over the collection.
photos() {
    local all=() i
    mapfile -t all < <(find "$shared/data/clothing" -name '*.jpg' 2>/dev/null | sort)
    [ ${#all[@]} -gt 0 ] || mapfile -t all < <(find samples/photos -type f | sort)
    for ((i = 0; i < $1; i++)); do
        echo "${all[i * ${#all[@]} / $1]}"
    done
}

jpeg=(-strip -sampling-factor 4:2:0 -quality 90)

# mosaic TILES SIZE FILE: photographs side by side, much detail.
mosaic() {
    local list
    mapfile -t list < <(photos "$((${1%x*} * ${1#*x}))")
    convert "${list[@]}" -resize "$2^" -gravity center -extent "$2" miff:- |
        montage - -tile "$1" -geometry +0+0 "${jpeg[@]}" "$3"
}

# enlarged SIZE FILE: one photograph, sharpened, with a camera's noise.
enlarged() {
    convert "$(photos 1)" -resize "$1^" -gravity center -extent "$1" -unsharp 0x1.5+0.5 \
        -seed 1 -attenuate 0.2 +noise Gaussian "${jpeg[@]}" "$2"
}

# made FILE: what a sixel file says of itself.
made() {
    printf '%s, %d KB' "$(head -c 64 "$1" | grep -ao '"1;1;[0-9]*;[0-9]*' |
        sed 's/"1;1;//; s/;/x/')" $(($(stat -c %s "$1") / 1000))
}

# compare FILE WIDTH HEIGHT ROUNDS [PARTS_OF_IMG2SIXEL PARTS_OF_CHAFA]
compare() {
    local -a command=() names=('thumbtag show') limits=('') times=()
    local i ms share
    local ours=("$thumbtag" show --size "$2x$3" "$1")
    local plain=(img2sixel -w "$2" -h "$3" "$1")
    local undithered=(img2sixel -d none -w "$2" -h "$3" "$1")
    # Without a terminal its cells are 8x8 pixels.
    local chafa=(chafa -f sixel --animate off --stretch -s "$(($2 / 8))x$(($3 / 8))" "$1")
    command=("${ours[@]}")
    "${ours[@]}" >"$work/0.six" 2>/dev/null
    if has img2sixel; then
        command+=(',' "${plain[@]}" ',' "${undithered[@]}")
        names+=(img2sixel 'img2sixel -d none')
        limits+=("${5-}" '')
        "${plain[@]}" >"$work/1.six"
        "${undithered[@]}" >"$work/2.six"
    fi
    if has chafa; then
        "${chafa[@]}" >"$work/${#names[@]}.six"
        command+=(',' "${chafa[@]}")
        names+=(chafa)
        limits+=("${6-}")
    fi
    mapfile -t times < <("$work/processes" "$4" "${command[@]}")
    for i in "${!names[@]}"; do
        read -r ms share <<<"${times[i]}"
        if [ "$ms" = failed ]; then
            row "${names[i]}" failed
            continue
        fi
        row "${names[i]}" "$(printf '%7.2f ms  %s' "$ms" "$(made "$work/$i.six")")"
        [ -z "${limits[i]}" ] || target "$share" "${limits[i]}" "${names[i]}"
    done
}

# bench WHAT FILE WIDTH HEIGHT ROUNDS [PARTS PARTS]
bench() {
    local size
    size=$(identify -format '%wx%h' "$2" 2>/dev/null) || {
        row "$1" 'could not be made'
        return
    }
    echo "$1, $size pixels, $(($(stat -c %s "$2") / 1000)) KB, to $3x$4"
    shift
    compare "$@"
}

has convert || {
    echo 'From a JPEG to sixel, whole processes: no ImageMagick to make the pictures with'
    exit 0
}
${CC:-cc} -std=gnu11 -D_GNU_SOURCE -O2 -o "$work/processes" tests/bench/processes.c || exit 1
echo "From a JPEG to sixel, whole processes, processor time: load $(cut -d' ' -f1 /proc/loadavg)"
has img2sixel || row img2sixel 'not installed'
has chafa || row chafa 'not installed'
mosaic 8x6 204x204 "$work/mosaic-2.jpg"
enlarged 1632x1224 "$work/enlarged-2.jpg"
mosaic 10x10 400x300 "$work/mosaic-12.jpg"
enlarged 4000x3000 "$work/enlarged-12.jpg"
convert -size 8x6 xc:gray "$work/tiny.jpg"
bench '2 MP, a mosaic' "$work/mosaic-2.jpg" 480 360 "$rounds" 4 3.5
bench '2 MP, a photograph enlarged' "$work/enlarged-2.jpg" 480 360 "$rounds" 4 3.5
bench '12 MP, a mosaic' "$work/mosaic-12.jpg" 800 600 $((rounds / 3 + 1)) 5 2.5
bench '12 MP, a photograph enlarged' "$work/enlarged-12.jpg" 800 600 $((rounds / 3 + 1)) 5 2.5
bench 'Starting, and little else' "$work/tiny.jpg" 24 18 "$rounds"
