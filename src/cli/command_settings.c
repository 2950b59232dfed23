#include "command_settings.h"

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "paths.h"

int command_with_settings(const struct command_line *line,
                          int (*run)(const struct command_line *line, const struct settings *s))
{
    struct error err;
    struct settings settings;
    char *folder = data_folder(line);
    if (!folder || !args_settings(&settings, line, folder, &err)) {
        int code = folder ? fail(&err) : fail_nomem("a folder's name");
        free(folder);
        return code;
    }
    int code = run(line, &settings);
    settings_release(&settings);
    free(folder);
    return code;
}

bool find_annotator(struct settings *s, struct error *err)
{
    if (settings_text(s, OPTION_ANNOTATOR)[0]) {
        return true;
    }
    const struct passwd *pw = getpwuid(geteuid());
    return !pw || settings_set(s, OPTION_ANNOTATOR, pw->pw_name, "login name", err);
}
