# bash completion for thumbtag; made by `make docs`
_thumbtag()
{
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} options
    [[ $cur == = ]] && cur=
    [[ $prev == = ]] && prev=${COMP_WORDS[COMP_CWORD-2]}
    case $prev in
    --classes|-c) COMPREPLY=(); return ;;
    --output|-o) COMPREPLY=($(compgen -f -X '!*' -- "$cur")); return ;;
    --annotator|-a) COMPREPLY=(); return ;;
    --order) COMPREPLY=($(compgen -W 'active file name random' -- "$cur")); return ;;
    --model|-m) COMPREPLY=($(compgen -W 'none' -- "$cur") $(compgen -f -X '!*.tflite' -- "$cur") $(compgen -d -- "$cur")); return ;;
    --model-labels) COMPREPLY=($(compgen -f -X '!*' -- "$cur")); return ;;
    --fit) COMPREPLY=($(compgen -W 'crop letterbox stretch' -- "$cur")); return ;;
    --mean) COMPREPLY=(); return ;;
    --std) COMPREPLY=(); return ;;
    --embeddings) COMPREPLY=(); return ;;
    --top|-k) COMPREPLY=(); return ;;
    --jobs|-j) COMPREPLY=(); return ;;
    --from) COMPREPLY=($(compgen -W 'backbone scratch' -- "$cur") $(compgen -f -X '!*.tflite' -- "$cur") $(compgen -d -- "$cur")); return ;;
    --architecture) COMPREPLY=($(compgen -W 'residual-s residual-m residual-l separable-s separable-m separable-l' -- "$cur")); return ;;
    --side) COMPREPLY=(); return ;;
    --epochs) COMPREPLY=(); return ;;
    --batch) COMPREPLY=(); return ;;
    --optimizer) COMPREPLY=($(compgen -W 'sgd adam' -- "$cur")); return ;;
    --rate) COMPREPLY=(); return ;;
    --decay) COMPREPLY=(); return ;;
    --smoothing) COMPREPLY=(); return ;;
    --validation) COMPREPLY=(); return ;;
    --patience) COMPREPLY=(); return ;;
    --seed) COMPREPLY=(); return ;;
    --curve) COMPREPLY=(); return ;;
    --draws) COMPREPLY=(); return ;;
    --test) COMPREPLY=($(compgen -d -- "$cur")); return ;;
    --class) COMPREPLY=(); return ;;
    --status) COMPREPLY=($(compgen -W 'labeled skipped unsure none' -- "$cur")); return ;;
    --theme|-t) COMPREPLY=($(compgen -W 'contrast dark light mono' -- "$cur")); return ;;
    --protocol|-p) COMPREPLY=($(compgen -W 'auto kitty placeholders iterm2 sixel libsixel blocks none' -- "$cur")); return ;;
    --level) COMPREPLY=($(compgen -W 'auto best default slow' -- "$cur")); return ;;
    --colors) COMPREPLY=($(compgen -W 'auto mono 16 256 24bit' -- "$cur")); return ;;
    --cell) COMPREPLY=(); return ;;
    --enlarge) COMPREPLY=($(compgen -W 'no sharp smooth' -- "$cur")); return ;;
    --levels) COMPREPLY=($(compgen -W 'auto full plain' -- "$cur")); return ;;
    --size) COMPREPLY=(); return ;;
    --timeout) COMPREPLY=(); return ;;
    --ahead) COMPREPLY=(); return ;;
    --workers) COMPREPLY=(); return ;;
    --cache) COMPREPLY=(); return ;;
    --thumbnails) COMPREPLY=(); return ;;
    --memory) COMPREPLY=(); return ;;
    --isa) COMPREPLY=(); return ;;
    --run) COMPREPLY=($(compgen -f -X '!*' -- "$cur")); return ;;
    --layers) COMPREPLY=($(compgen -d -- "$cur")); return ;;
    --config) COMPREPLY=($(compgen -f -X '!*' -- "$cur")); return ;;
    --script) COMPREPLY=($(compgen -f -X '!*' -- "$cur")); return ;;
    esac
    case ${COMP_WORDS[1]} in
    review) options='--help --classes --annotator --model --model-labels --fit --mean --std --class --status --read-only --theme --protocol --level --colors --cell --enlarge --levels --timeout --ahead --workers --cache --thumbnails --memory --no-sandbox --config --script' ;;
    recover) options='--help --no-sandbox' ;;
    train) options='--help --output --fit --jobs --from --architecture --side --epochs --batch --optimizer --rate --decay --smoothing --validation --balance --plain --patience --seed --memory --no-sandbox --config' ;;
    eval) options='--help --model --fit --jobs --seed --curve --draws --test --memory --no-sandbox --config' ;;
    predict) options='--help --model --model-labels --fit --mean --std --top --jobs --memory --no-sandbox --isa --config' ;;
    model) options='--help --no-sandbox --isa --run --layers --config' ;;
    show) options='--help --theme --protocol --level --colors --cell --enlarge --levels --size --timeout --memory --no-sandbox --config' ;;
    doctor) options='--help --model --protocol --level --colors --cell --timeout --memory --no-sandbox --config' ;;
    *) options='--help --classes --output --annotator --order --model --model-labels --fit --mean --std --embeddings --theme --protocol --level --colors --cell --enlarge --levels --timeout --ahead --workers --cache --thumbnails --memory --no-sandbox --config --script' ;;
    esac
    if [[ $cur == -* ]]; then
        ((COMP_CWORD == 1)) && options+=' --version'
        COMPREPLY=($(compgen -W "$options" -- "$cur"))
        return
    fi
    COMPREPLY=($(compgen -f -- "$cur"))
    ((COMP_CWORD == 1)) && COMPREPLY+=($(compgen -W 'label review recover train eval predict model show doctor' -- "$cur"))
}
complete -o filenames -F _thumbtag thumbtag
