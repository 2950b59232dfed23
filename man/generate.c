/* Makes the manual pages, the completions and the configuration template from
 * the tables that the program itself uses.
 *
 *     generate page TEMPLATE.in    the page, to standard output
 *     generate bash|fish|zsh       a completion
 *     generate ini                 thumbtag.ini with every setting, commented out
 *
 * A template's line that is just @NAME@ is replaced by the section NAME;
 * @VERSION@, @STYLES@ and @THEMES@ also inside a line. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "cli.h"
#include "config/theme.h"

/* Text for troff: a backslash, a hyphen, and a dot or quote at the start of a
 * line mean something else there. */
static void put(const char *text)
{
    if (*text == '.' || *text == '\'') {
        fputs("\\&", stdout);
    }
    for (; *text; text++) {
        if (*text == '\\') {
            fputs("\\e", stdout);
        } else if (*text == '-') {
            fputs("\\-", stdout);
        } else {
            putchar(*text);
        }
    }
}

static void put_sentence(const char *text)
{
    printf("%c", toupper((unsigned char)text[0]));
    put(text + 1);
    puts(".");
}

static void synopsis(void)
{
    for (size_t i = 0; command_at(i); i++) {
        printf("%s.B thumbtag\n", i ? ".br\n" : "");
        put(command_at(i)->usage);
        puts("\n.RI [ options ]");
    }
}

static void commands(void)
{
    for (size_t i = 0; command_at(i); i++) {
        printf(".TP\n.B %s\n", command_at(i)->name);
        put_sentence(command_at(i)->text);
    }
}

static void put_range(const struct option_info *info)
{
    if (info->type == OPTION_CHOICE) {
        printf("One of ");
        put(info->argument);
        printf("; default %s.\n", info->default_text);
    } else if (info->type == OPTION_INT) {
        printf("From %d to %d; default %s.\n", info->min, info->max, info->default_text);
    }
}

static void options(void)
{
    for (enum option_id o = 0; o < OPTION_COUNT; o++) {
        const struct option_info *info = option_info(o);
        printf(".TP\n\\fB");
        if (info->short_name) {
            printf("\\-%c\\fR, \\fB", info->short_name);
        }
        put("--");
        put(info->name);
        printf("\\fR");
        if (info->type != OPTION_FLAG) {
            printf(" \\fI%s\\fR", info->type == OPTION_CHOICE ? "WHICH" : info->argument);
        }
        printf(" (");
        const char *comma = "";
        for (size_t i = 0; command_at(i); i++) {
            if (info->commands & command_at(i)->mask) {
                printf("%s%s", comma, command_at(i)->name);
                comma = ", ";
            }
        }
        puts(")");
        put_sentence(info->text);
        put_range(info);
    }
}

static void put_keys(const char *keys)
{
    const char *gap = "";
    for (const char *s = keys; *s; s += strspn(s, " ")) {
        size_t len = strcspn(s, " ");
        char word[32];
        snprintf(word, sizeof word, "%.*s", (int)len, s);
        printf("%s\\fB", gap);
        put(word);
        printf("\\fR");
        gap = ", ";
        s += len;
    }
    putchar('\n');
}

static void keys(void)
{
    const char *group = "";
    for (enum action a = ACTION_NO_ACTION + 1; a < ACTION_CLASS; a++) {
        const struct action_info *info = action_info(a);
        if (strcmp(group, info->group) != 0) {
            group = info->group;
            printf(".SS %s\n", group);
        }
        printf(".TP\n");
        put_keys(info->keys);
        put_sentence(info->text);
    }
}

static void actions(void)
{
    for (enum action a = ACTION_NO_ACTION + 1; a < ACTION_CLASS; a++) {
        const struct action_info *info = action_info(a);
        printf(".TP\n\\fB");
        put(info->name);
        printf("\\fR = ");
        put_keys(info->keys);
        put_sentence(info->text);
    }
}

/* Calls fn for each setting of an ini, a section at a time. */
static void each_setting(void (*section)(const char *), void (*fn)(const struct option_info *))
{
    static const char *const sections[] = { "session", "model", "view" };
    for (size_t i = 0; i < ARRAY_LEN(sections); i++) {
        section(sections[i]);
        for (enum option_id o = 0; o < OPTION_COUNT; o++) {
            if (strcmp(option_info(o)->section, sections[i]) == 0) {
                fn(option_info(o));
            }
        }
    }
}

static void page_section(const char *name)
{
    printf(".SS [%s]\n", name);
}

static void page_setting(const struct option_info *info)
{
    printf(".TP\n\\fB");
    put(info->name);
    printf("\\fR = ");
    put(info->argument);
    putchar('\n');
    put_sentence(info->text);
    put_range(info);
}

static void settings(void)
{
    each_setting(page_section, page_setting);
}

static void ini_section(const char *name)
{
    printf("\n[%s]\n", name);
}

static void ini_setting(const struct option_info *info)
{
    printf("; %s\n", info->text);
    if (info->type == OPTION_CHOICE) {
        printf("; one of %s\n", info->argument);
    } else if (info->type == OPTION_INT) {
        printf("; from %d to %d\n", info->min, info->max);
    }
    printf(";%s = %s\n", info->name, info->default_text);
}

static int make_ini(void)
{
    puts("; thumbtag.ini: copy it beside your pictures, or to ~/.config/thumbtag/, and\n"
         "; take the ';' off what you change. See thumbtag.ini(5).\n"
         "\n"
         "; KEY = NAME, or KEY = \"NAME, #rrggbb\"\n"
         "[classes]\n"
         ";1 = cat\n"
         ";2 = dog\n"
         ";o = \"other, #808080\"");
    each_setting(ini_section, ini_setting);
    puts("\n; ACTION = KEY ...\n[keys]");
    for (enum action a = ACTION_NO_ACTION + 1; a < ACTION_CLASS; a++) {
        const char *text = action_info(a)->keys;
        const char *quote = strpbrk(text, ";#") ? "\"" : "";
        printf("; %s\n;%s = %s%s%s\n", action_info(a)->text, action_info(a)->name, quote, text,
               quote);
    }
    return 0;
}

static void styles(void)
{
    for (int i = 0; i < STYLE_COUNT; i++) {
        printf("%s%s", i ? ", " : "", theme_style_name((enum style)i));
    }
}

static void themes(void)
{
    for (int i = 0; theme_builtin_name(i); i++) {
        printf("%s%s", i ? ", " : "", theme_builtin_name(i));
    }
}

static void version(void)
{
    printf("%s", THUMBTAG_VERSION);
}

static const struct {
    const char *name;
    void (*make)(void);
} sections[] = {
    { "@SYNOPSIS@", synopsis }, { "@COMMANDS@", commands }, { "@OPTIONS@", options },
    { "@KEYS@", keys },         { "@ACTIONS@", actions },   { "@SETTINGS@", settings },
    { "@STYLES@", styles },     { "@THEMES@", themes },     { "@VERSION@", version },
};

static void expand(const char *line)
{
    while (*line) {
        size_t i = 0;
        while (i < ARRAY_LEN(sections) &&
               strncmp(line, sections[i].name, strlen(sections[i].name)) != 0) {
            i++;
        }
        if (i == ARRAY_LEN(sections)) {
            putchar(*line++);
            continue;
        }
        sections[i].make();
        line += strlen(sections[i].name);
        bool whole = strcmp(line, "\n") == 0 && i < 6;
        line += whole; /* sections end their own lines */
    }
}

static int make_page(const char *path)
{
    char line[1024];
    FILE *in = fopen(path, "r");
    if (!in) {
        perror(path);
        return 1;
    }
    while (fgets(line, sizeof line, in)) {
        expand(line);
    }
    fclose(in);
    return 0;
}

static int make_bash(void)
{
    puts("# bash completion for thumbtag; made by `make docs`\n_thumbtag()\n{\n"
         "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
         "    case $prev in");
    for (enum option_id o = 0; o < OPTION_COUNT; o++) {
        const struct option_info *info = option_info(o);
        if (info->type == OPTION_CHOICE) {
            printf("    --%s) COMPREPLY=($(compgen -W '", info->name);
            for (const char *s = info->argument; *s; s++) {
                putchar(*s == '|' ? ' ' : *s);
            }
            puts("' -- \"$cur\")); return ;;");
        }
    }
    fputs("    --theme) COMPREPLY=($(compgen -W '", stdout);
    for (int i = 0; theme_builtin_name(i); i++) {
        printf("%s%s", i ? " " : "", theme_builtin_name(i));
    }
    puts("' -- \"$cur\")); return ;;\n    esac\n    if [[ $cur == -* ]]; then");
    fputs("        COMPREPLY=($(compgen -W '--help --version", stdout);
    for (enum option_id o = 0; o < OPTION_COUNT; o++) {
        printf(" --%s", option_info(o)->name);
    }
    puts("' -- \"$cur\"))\n        return\n    fi\n    COMPREPLY=($(compgen -f -- \"$cur\"))");
    fputs("    ((COMP_CWORD == 1)) && COMPREPLY+=($(compgen -W '", stdout);
    for (size_t i = 0; command_at(i); i++) {
        printf("%s%s", i ? " " : "", command_at(i)->name);
    }
    puts("' -- \"$cur\"))\n}\ncomplete -o filenames -F _thumbtag thumbtag");
    return 0;
}

/* Text inside single quotes; a quote itself is written as `quote`, and the
 * characters of `special` get a backslash. */
static void put_quoted(const char *text, const char *quote, const char *special)
{
    for (; *text; text++) {
        if (*text == '\'') {
            fputs(quote, stdout);
        } else {
            printf("%s%c", strchr(special, *text) ? "\\" : "", *text);
        }
    }
}

static int make_fish(void)
{
    puts("# fish completion for thumbtag; made by `make docs`");
    for (size_t i = 0; command_at(i); i++) {
        printf("complete -c thumbtag -n __fish_use_subcommand -a %s -d '%s'\n",
               command_at(i)->name, command_at(i)->text);
    }
    for (enum option_id o = 0; o < OPTION_COUNT; o++) {
        const struct option_info *info = option_info(o);
        printf("complete -c thumbtag -l %s", info->name);
        if (info->short_name) {
            printf(" -s %c", info->short_name);
        }
        if (info->type == OPTION_CHOICE) {
            printf(" -x -a '");
            for (const char *s = info->argument; *s; s++) {
                putchar(*s == '|' ? ' ' : *s);
            }
            printf("'");
        } else if (info->type != OPTION_FLAG) {
            printf(" -r");
        }
        printf(" -d '");
        put_quoted(info->text, "\\'", "\\");
        puts("'");
    }
    return 0;
}

static int make_zsh(void)
{
    puts("#compdef thumbtag\n# made by `make docs`\n_arguments \\");
    for (enum option_id o = 0; o < OPTION_COUNT; o++) {
        const struct option_info *info = option_info(o);
        printf("  '--%s%s[", info->name, info->type == OPTION_FLAG ? "" : "=");
        put_quoted(info->text, "'\\''", "[]:");
        printf("]");
        if (info->type == OPTION_CHOICE) {
            printf(":which:(");
            for (const char *s = info->argument; *s; s++) {
                putchar(*s == '|' ? ' ' : *s);
            }
            printf(")");
        } else if (info->type != OPTION_FLAG) {
            printf(":%s:%s", info->argument, strcmp(info->argument, "FILE") == 0 ? "_files" : "");
        }
        puts("' \\");
    }
    printf("  '1:command or folder:{_alternative \"commands:command:(");
    for (size_t i = 0; command_at(i); i++) {
        printf("%s%s", i ? " " : "", command_at(i)->name);
    }
    puts(")\" \"files:file:_files\"}' '*:file:_files'");
    return 0;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    if (strcmp(what, "page") == 0 && argc == 3) {
        return make_page(argv[2]);
    }
    if (strcmp(what, "ini") == 0) {
        return make_ini();
    }
    if (strcmp(what, "bash") == 0) {
        return make_bash();
    }
    if (strcmp(what, "fish") == 0) {
        return make_fish();
    }
    if (strcmp(what, "zsh") == 0) {
        return make_zsh();
    }
    fprintf(stderr, "usage: generate page TEMPLATE.in | ini | bash | fish | zsh\n");
    return 2;
}
