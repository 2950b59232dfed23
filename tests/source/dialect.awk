# Names each line of a C file that says otherwise what the tree says in one way (src/README.md,
# Rules): conditions on pointers, and what stands together.

function tell(what) {
    print FILENAME ":" FNR ": " what
}

FNR == 1 { in_function = 0; include = "" }

/[^=!<>]== NULL/ { tell("!p, not p == NULL") }
/!= NULL( &&| \|\|| \?|\)* (&&|\|\|)|\)+ \{$)/ { tell("p alone is a condition") }

# Of our own headers; a system's may need another one first.
/^#include "/ {
    if (include != "" && $0 < include)
        tell("headers are sorted")
    include = $0
}
!/^#include "/ { include = "" }

FILENAME !~ /^tests\// && in_function && /^$/ { tell("a blank line inside a function") }
/^\{/ { in_function = before ~ /\)$/ }
/^\}/ { in_function = 0 }
{ before = $0 }
