/* Generates the manual pages, the completions and the configuration template from
 * the program's own tables.
 *
 *     generate page TEMPLATE.in    the page, to standard output
 *     generate bash|fish|zsh       a completion
 *     generate ini                 thumbtag.ini with every setting, commented out
 *
 * A line of a template that consists of @NAME@ is replaced by the section NAME;
 * @VERSION@, @STYLES@, @THEMES@ and those of the picture formats are also replaced inside a
 * line. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "command_classes.h"
#include "config/theme.h"
#include "help.h"
#include "image/format.h"
#include "store/labels.h"

/* Prints text with troff's special characters escaped: a backslash, a hyphen, and a dot
 * or quote at the start of a line. */
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
    for (enum command_id id = 0; id < COMMAND_COUNT; id++) {
        printf("%s.B thumbtag\n", id ? ".br\n" : "");
        put(command_info(id)->usage);
        puts("\n.RI [ options ]");
    }
}

static void commands(void)
{
    for (enum command_id id = 0; id < COMMAND_COUNT; id++) {
        printf(".TP\n.B %s\n", command_info(id)->name);
        put_sentence(command_info(id)->text);
    }
}

static void class_actions(void)
{
    const struct class_action *action;
    for (size_t i = 0; (action = class_action_at(i)); i++) {
        printf(".TP\n.B thumbtag classes\n.RI [ LABELS.csv | DIR ]\n.BI %s \"", action->name);
        put(action->arguments);
        puts("\"");
        put_sentence(action->text);
    }
}

static void put_range(enum option_id o)
{
    char range[OPTION_RANGE_MAX];
    option_range(o, range, sizeof range);
    if (range[0]) {
        put_sentence(range);
    }
}

static void options(void)
{
    for (enum option_id o = 0; o < OPTION_COUNT; o++) {
        const struct option_info *info = option_info(o);
        if (option_is_old(o)) {
            continue;
        }
        printf(".TP\n\\fB");
        if (info->short_name) {
            printf("\\-%c\\fR, \\fB", info->short_name);
        }
        put("--");
        put(info->name);
        printf("\\fR");
        if (info->type != OPTION_FLAG) {
            printf(" \\fI%s\\fR", info->argument);
        }
        printf(" (");
        const char *comma = "";
        for (enum command_id id = 0; id < COMMAND_COUNT; id++) {
            if (info->commands & command_info(id)->mask) {
                printf("%s%s", comma, command_info(id)->name);
                comma = ", ";
            }
        }
        puts(")");
        put_sentence(info->text);
        put_range(o);
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
}

/* Prints the keys of an action, then its spare keys. */
static void put_all_keys(const struct action_info *info)
{
    put_keys(info->keys);
    if (info->spare[0]) {
        printf(" (and ");
        put_keys(info->spare);
        printf(", where no class has it)");
    }
    putchar('\n');
}

static void view_keys(void)
{
    const struct view_key_info *info;
    const char *view = "";
    for (size_t i = 0; (info = view_key_info(i)); i++) {
        if (strcmp(view, info->view) != 0) {
            view = info->view;
            printf(".SS %s\n", view);
        }
        printf(".TP\n");
        put_keys(info->keys);
        putchar('\n');
        put_sentence(info->text);
    }
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
        put_all_keys(info);
        put_sentence(info->text);
    }
    view_keys();
}

static void actions(void)
{
    for (enum action a = ACTION_NO_ACTION + 1; a < ACTION_CLASS; a++) {
        const struct action_info *info = action_info(a);
        printf(".TP\n\\fB");
        put(info->name);
        printf("\\fR = ");
        put_all_keys(info);
        put_sentence(info->text);
    }
}

/* Calls fn for each setting of an ini, a section at a time. */
static void each_setting(void (*section)(const char *), void (*fn)(enum option_id o))
{
    static const char *const sections[] = { "session", "model", "view", "train" };
    for (size_t i = 0; i < ARRAY_LEN(sections); i++) {
        section(sections[i]);
        for (enum option_id o = 0; o < OPTION_COUNT; o++) {
            if (strcmp(option_info(o)->section, sections[i]) == 0 && !option_is_old(o)) {
                fn(o);
            }
        }
    }
}

static void page_section(const char *name)
{
    printf(".SS [%s]\n", name);
}

static void page_setting(enum option_id o)
{
    const struct option_info *info = option_info(o);
    struct buf words = BUF_INIT;
    option_add_words(&words, o, "|");
    printf(".TP\n\\fB");
    put(info->name);
    printf("\\fR = ");
    put(words.len ? buf_text(&words) : info->argument);
    putchar('\n');
    put_sentence(info->text);
    put_range(o);
    buf_release(&words);
}

static void settings(void)
{
    each_setting(page_section, page_setting);
}

static void ini_section(const char *name)
{
    printf("\n[%s]\n", name);
}

static void ini_setting(enum option_id o)
{
    const struct option_info *info = option_info(o);
    char range[OPTION_RANGE_MAX];
    option_range(o, range, sizeof range);
    printf("; %s\n", info->text);
    if (range[0]) {
        printf("; %s\n", range);
    }
    printf(";%s = %s\n", info->name, info->default_text);
}

static int make_ini(void)
{
    puts("; thumbtag.ini: copy it beside your pictures, or to ~/.config/thumbtag/, and\n"
         "; remove the ';' from the lines that you change. See thumbtag.ini(5).\n"
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

/* "A, B and C": the formats that are read, by a build with all libraries, or the others that
 * have endings. */
static void put_formats(bool read)
{
    const char *names[64];
    size_t count = 0;
    const struct image_format *format;
    for (size_t i = 0; (format = image_format_at(i)) && count < ARRAY_LEN(names); i++) {
        if (!format->library == !read && format->endings[0]) {
            names[count++] = format->name;
        }
    }
    for (size_t i = 0; i < count; i++) {
        printf("%s%s", i == 0 ? "" : i + 1 < count ? ", " : " and ", names[i]);
    }
}

static void read_formats(void)
{
    put_formats(true);
}

static void other_formats(void)
{
    put_formats(false);
}

static void read_endings(void)
{
    const struct image_format *format;
    const char *gap = "";
    for (size_t i = 0; (format = image_format_at(i)); i++) {
        if (format->library) {
            printf("%s%s", gap, format->endings);
            gap = " ";
        }
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
    { "@SYNOPSIS@", synopsis },
    { "@COMMANDS@", commands },
    { "@OPTIONS@", options },
    { "@KEYS@", keys },
    { "@ACTIONS@", actions },
    { "@SETTINGS@", settings },
    { "@CLASS_ACTIONS@", class_actions },
    { "@STYLES@", styles },
    { "@THEMES@", themes },
    { "@VERSION@", version },
    { "@READ_FORMATS@", read_formats },
    { "@READ_ENDINGS@", read_endings },
    { "@OTHER_FORMATS@", other_formats },
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
        bool whole = strcmp(line, "\n") == 0 && i < 7;
        line += whole; /* these sections print their own line end */
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

/* ------------------------------------------------------------ completions */

static void add_word(struct buf *out, const char *word)
{
    buf_addf(out, "%s%s", out->len ? " " : "", word);
}

/* The words that an option accepts, separated by spaces; empty when it accepts any text. */
static const char *words_of(enum option_id o, struct buf *out)
{
    const struct option_info *info = option_info(o);
    buf_clear(out);
    if (info->type == OPTION_CHOICE) {
        option_add_words(out, o, " ");
    } else if (o == OPTION_THEME) {
        for (int i = 0; theme_builtin_name(i); i++) {
            add_word(out, theme_builtin_name(i));
        }
    } else if (o == OPTION_FILTER_STATUS) {
        for (enum label_status s = STATUS_LABELED; s < STATUS_COUNT; s++) {
            add_word(out, label_status_name(s));
        }
    } else if (o == OPTION_FROM) {
        buf_adds(out, "backbone builtin scratch");
    } else if (o == OPTION_MODEL) {
        buf_adds(out, "builtin none");
    }
    return buf_text(out);
}

/* The files that complete the value: a pattern, "/" for folders, NULL when it is no file. */
static const char *files_of(const struct option_info *info)
{
    static const struct {
        const char *argument, *files;
    } kinds[] = {
        { "MODEL", "*.tflite" }, { "FILE", "*" },   { "DIR", "/" },
        { "FOLDER", "/" },       { "IN OUT", "*" },
    };
    for (size_t i = 0; info->type == OPTION_TEXT && i < ARRAY_LEN(kinds); i++) {
        if (strcmp(kinds[i].argument, info->argument) == 0) {
            return kinds[i].files;
        }
    }
    return NULL;
}

/* Another option, of other commands, that has the same name. */
static bool has_namesake(enum option_id o)
{
    for (enum option_id other = 0; other < OPTION_COUNT; other++) {
        if (other != o && strcmp(option_info(other)->name, option_info(o)->name) == 0) {
            return true;
        }
    }
    return false;
}

/* "COMMAND --NAME|COMMAND -N" for `case`. */
static void bash_patterns(enum option_id o)
{
    const struct option_info *info = option_info(o);
    const char *bar = "    ";
    for (enum command_id id = 0; has_namesake(o) && id < COMMAND_COUNT; id++) {
        if (command_info(id)->mask & info->commands) {
            printf("%s%s\\ --%s", bar, command_info(id)->name, info->name);
            bar = "|";
        }
    }
    if (!has_namesake(o)) {
        printf("    *\\ --%s", info->name);
    }
    if (info->short_name) {
        printf("|*\\ -%c", info->short_name);
    }
}

static void bash_values(enum option_id o, struct buf *words)
{
    const struct option_info *info = option_info(o);
    const char *files = files_of(info);
    words_of(o, words);
    if (info->type == OPTION_FLAG) {
        return;
    }
    bash_patterns(o);
    printf(") COMPREPLY=(");
    if (words->len) {
        printf("$(compgen -W '%s' -- \"$cur\")", words->data);
    }
    if (files && strcmp(files, "/") != 0) {
        printf("%s$(compgen -f -X '!%s' -- \"$cur\")", words->len ? " " : "", files);
    }
    if (files && strcmp(files, "*") != 0) {
        printf("%s$(compgen -d -- \"$cur\")", words->len || *files == '*' ? " " : "");
    }
    puts("); return ;;");
}

static void bash_options(const struct command_info *command)
{
    printf("    %s) options='--help", command->mask & COMMAND_LABEL ? "*" : command->name);
    for (enum option_id o = 0; o < OPTION_COUNT; o++) {
        if ((option_info(o)->commands & command->mask) && !option_is_old(o)) {
            printf(" --%s", option_info(o)->name);
        }
    }
    puts("' ;;");
}

static int make_bash(void)
{
    struct buf words = BUF_INIT;
    puts("# bash completion for thumbtag; generated by `make docs`\n_thumbtag()\n{\n"
         "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} options\n"
         "    [[ $cur == = ]] && cur=\n"
         "    [[ $prev == = ]] && prev=${COMP_WORDS[COMP_CWORD-2]}\n"
         "    case \"${COMP_WORDS[1]} $prev\" in");
    for (enum option_id o = 0; o < OPTION_COUNT; o++) {
        if (!option_is_old(o)) {
            bash_values(o, &words);
        }
    }
    puts("    esac\n    case ${COMP_WORDS[1]} in");
    for (enum command_id id = COMMAND_ID_LABEL + 1; id < COMMAND_COUNT; id++) {
        bash_options(command_info(id));
    }
    bash_options(command_info(COMMAND_ID_LABEL));
    puts("    esac\n    if [[ $cur == -* ]]; then\n"
         "        ((COMP_CWORD == 1)) && options+=' --version'\n"
         "        COMPREPLY=($(compgen -W \"$options\" -- \"$cur\"))\n"
         "        return\n    fi\n    COMPREPLY=($(compgen -f -- \"$cur\"))");
    fputs("    ((COMP_CWORD == 1)) && COMPREPLY+=($(compgen -W '", stdout);
    for (enum command_id id = 0; id < COMMAND_COUNT; id++) {
        printf("%s%s", id ? " " : "", command_info(id)->name);
    }
    printf("' -- \"$cur\"))\n    [[ ${COMP_WORDS[1]} == classes ]] && "
           "COMPREPLY+=($(compgen -W '");
    for (size_t i = 0; class_action_at(i); i++) {
        printf("%s%s", i ? " " : "", class_action_at(i)->name);
    }
    puts("' -- \"$cur\"))\n}\ncomplete -o filenames -F _thumbtag thumbtag");
    buf_release(&words);
    return 0;
}

/* Prints text that goes between single quotes: a quote in it is written as `quote`, and
 * the characters of `special` get a backslash. */
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

/* The condition under which fish offers an option of these commands. Options of label
 * are also offered without a command. */
static void fish_condition(unsigned mask)
{
    printf(" -n '%s__fish_seen_subcommand_from", mask & COMMAND_LABEL ? "not " : "");
    for (enum command_id id = COMMAND_ID_LABEL + 1; id < COMMAND_COUNT; id++) {
        bool takes = command_info(id)->mask & mask;
        if (takes != (bool)(mask & COMMAND_LABEL)) {
            printf(" %s", command_info(id)->name);
        }
    }
    printf("'");
}

static void fish_option(enum option_id o, struct buf *words)
{
    const struct option_info *info = option_info(o);
    const char *files = files_of(info);
    printf("complete -c thumbtag");
    fish_condition(info->commands);
    printf(" -l %s", info->name);
    if (info->short_name) {
        printf(" -s %c", info->short_name);
    }
    words_of(o, words);
    if (info->type == OPTION_FLAG) {
    } else if (files) {
        printf(" -%c", strcmp(files, "*") == 0 ? 'r' : 'x');
    } else {
        printf(" -x");
    }
    if (files && strcmp(files, "/") == 0) {
        printf(" -a '(__fish_complete_directories)'");
    } else if (files && strcmp(files, "*") != 0) {
        printf(" -a '%s (__fish_complete_suffix %s)'", buf_text(words), files + 1);
    } else if (words->len) {
        printf(" -a '%s'", words->data);
    }
    printf(" -d '");
    put_quoted(info->text, "\\'", "\\");
    puts("'");
}

static int make_fish(void)
{
    struct buf words = BUF_INIT;
    puts("# fish completion for thumbtag; generated by `make docs`");
    for (enum command_id id = 0; id < COMMAND_COUNT; id++) {
        printf("complete -c thumbtag -n __fish_use_subcommand -a %s -d '", command_info(id)->name);
        put_quoted(command_info(id)->text, "\\'", "\\");
        puts("'");
    }
    for (size_t i = 0; class_action_at(i); i++) {
        printf("complete -c thumbtag -n '__fish_seen_subcommand_from classes' -a %s -d '",
               class_action_at(i)->name);
        put_quoted(class_action_at(i)->text, "\\'", "\\");
        puts("'");
    }
    for (enum option_id o = 0; o < OPTION_COUNT; o++) {
        if (!option_is_old(o)) {
            fish_option(o, &words);
        }
    }
    buf_release(&words);
    return 0;
}

static void zsh_values(enum option_id o, struct buf *words)
{
    const struct option_info *info = option_info(o);
    const char *files = files_of(info);
    words_of(o, words);
    printf(":%s:", words->len && !files ? "which" : info->argument);
    if (words->len && files) {
        printf("{ compadd %s; _files -g \"%s\" }", words->data, files);
    } else if (words->len) {
        printf("(%s)", words->data);
    } else if (files) {
        printf("%s", strcmp(files, "/") == 0 ? "_files -/" : "_files");
    }
}

static void zsh_option(enum option_id o, struct buf *words)
{
    const struct option_info *info = option_info(o);
    const char *ends[] = { info->type == OPTION_FLAG ? "" : "=", "" };
    char names[2][64];
    snprintf(names[0], sizeof names[0], "--%s", info->name);
    snprintf(names[1], sizeof names[1], "-%c", info->short_name);
    for (int i = 0; i < (info->short_name ? 2 : 1); i++) {
        printf("  '%s%s[", names[i], i && info->type != OPTION_FLAG ? "+" : ends[i]);
        put_quoted(info->text, "'\\''", "[]:");
        printf("]");
        if (info->type != OPTION_FLAG) {
            zsh_values(o, words);
        }
        puts("' \\");
    }
}

static int make_zsh(void)
{
    struct buf words = BUF_INIT;
    puts("#compdef thumbtag\n# generated by `make docs`\n_arguments \\");
    for (enum option_id o = 0; o < OPTION_COUNT; o++) {
        if (!option_is_old(o)) {
            zsh_option(o, &words);
        }
    }
    printf("  '1:command or folder:{_alternative \"commands:command:(");
    for (enum command_id id = 0; id < COMMAND_COUNT; id++) {
        printf("%s%s", id ? " " : "", command_info(id)->name);
    }
    printf(")\" \"files:file:_files\"}' '*:file:{ [[ $words[2] == classes ]] && compadd");
    for (size_t i = 0; class_action_at(i); i++) {
        printf(" %s", class_action_at(i)->name);
    }
    puts("; _files }'");
    buf_release(&words);
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
