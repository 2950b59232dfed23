# bash completion for thumbtag; made by `make docs`
_thumbtag()
{
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
    case $prev in
    --order) COMPREPLY=($(compgen -W 'active file name random' -- "$cur")); return ;;
    --fit) COMPREPLY=($(compgen -W 'crop letterbox stretch' -- "$cur")); return ;;
    --optimizer) COMPREPLY=($(compgen -W 'sgd adam' -- "$cur")); return ;;
    --protocol) COMPREPLY=($(compgen -W 'auto kitty placeholders iterm2 sixel libsixel blocks none' -- "$cur")); return ;;
    --level) COMPREPLY=($(compgen -W 'auto best default slow' -- "$cur")); return ;;
    --colors) COMPREPLY=($(compgen -W 'auto mono 16 256 24bit' -- "$cur")); return ;;
    --enlarge) COMPREPLY=($(compgen -W 'no sharp smooth' -- "$cur")); return ;;
    --theme) COMPREPLY=($(compgen -W 'contrast dark light mono' -- "$cur")); return ;;
    esac
    if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W '--help --version --classes --output --annotator --order --model --model-labels --fit --mean --std --embeddings --top --jobs --from --architecture --side --epochs --batch --optimizer --rate --decay --smoothing --validation --balance --plain --patience --seed --curve --draws --test --class --status --read-only --theme --protocol --level --colors --cell --enlarge --size --timeout --ahead --workers --cache --thumbnails --no-sandbox --isa --run --layers --config --script' -- "$cur"))
        return
    fi
    COMPREPLY=($(compgen -f -- "$cur"))
    ((COMP_CWORD == 1)) && COMPREPLY+=($(compgen -W 'label review train eval predict model show doctor' -- "$cur"))
}
complete -o filenames -F _thumbtag thumbtag
