# Turns themes/*.ini into the table of built-in themes (src/config/theme.c).
function flush_theme() { if (open) print "    { NULL, NULL, NULL },\n};" ; open = 0 }
BEGIN {
    print "/* Generated from themes/<name>.ini by themes/generate.awk. */"
    print "struct theme_pair { const char *section, *key, *value; };"
}
FNR == 1 {
    flush_theme()
    n = split(FILENAME, part, "/"); name = part[n]; sub(/\.ini$/, "", name)
    names[++count] = name; open = 1
    printf "static const struct theme_pair theme_%s[] = {\n", name
}
/^[ \t]*(;|#|$)/ { next }
/^\[/ { section = $0; gsub(/[][]/, "", section); next }
{
    key = $0; sub(/[ \t]*=.*/, "", key)
    value = $0; sub(/^[^=]*=[ \t]*/, "", value); sub(/[ \t]*;.*$/, "", value); gsub(/"/, "", value)
    printf "    { \"%s\", \"%s\", \"%s\" },\n", section, key, value
}
END {
    flush_theme()
    print "static const struct { const char *name; const struct theme_pair *pairs; } themes_builtin[] = {"
    for (i = 1; i <= count; i++) printf "    { \"%s\", theme_%s },\n", names[i], names[i]
    print "};"
    printf "#define THEMES_BUILTIN_COUNT %d\n", count
}
