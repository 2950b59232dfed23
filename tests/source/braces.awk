# Names each line of a C file, as clang-format leaves it, on which an if, else, for, while,
# switch or do has no brace behind it.

# The code of a line, without comments, strings and the backslash that continues a macro.
function code(line,    out, at) {
    out = ""
    while (line != "") {
        if (in_comment) {
            at = index(line, "*/")
            if (at == 0)
                break
            line = substr(line, at + 2)
            in_comment = 0
        } else if (match(line, /"([^"\\]|\\.)*"|'([^'\\]|\\.)*'|\/\*|\/\//)) {
            out = out substr(line, 1, RSTART - 1)
            at = substr(line, RSTART, 2)
            if (at == "//")
                line = ""
            else
                line = substr(line, RSTART + RLENGTH)
            in_comment = at == "/*"
        } else {
            out = out line
            line = ""
        }
    }
    sub(/[ \t\\]+$/, "", out)
    return out
}

function tell(line) {
    print FILENAME ":" line
}

FNR == 1 { in_comment = 0; depth = 0; open = 0 }

{ text = code($0) }

# The head of a statement: up to its last closing parenthesis.
open == 0 && text ~ /^[ \t]*(} )?(else )?(if|for|switch) \(/ { open = FNR }
open == 0 && text ~ /^[ \t]*while \(/ { open = FNR }

open {
    depth += gsub(/\(/, "(", text) - gsub(/\)/, ")", text)
    if (depth == 0) {
        if (text !~ /\) \{$/)
            tell(open)
        open = 0
    }
    next
}

text ~ /^[ \t]*(} )?(else|do)( |$)/ && text !~ /(else|do) \{$/ { tell(FNR) }
