#include "command_settings.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "fail.h"
#include "image/decode.h"
#include "paths.h"

/* A folder of pictures may come from anyone: its thumbtag.ini must not turn off the
 * sandbox. */
static bool load_beside(struct settings *s, const char *path, struct error *err)
{
    int before = settings_number(s, OPTION_NO_SANDBOX);
    if (!settings_load(s, path, true, err)) {
        return false;
    }
    return settings_number(s, OPTION_NO_SANDBOX) <= before ||
           error_set(err, ERROR_USAGE,
                     "%s: no-sandbox is accepted only on the command line and in your own "
                     "thumbtag.ini (~/.config/thumbtag), not beside the pictures: remove the line",
                     path);
}

static bool load_inis(struct settings *s, const struct command_line *line, const char *folder,
                      struct error *err)
{
    if (line->values[OPTION_CONFIG]) {
        return settings_load(s, line->values[OPTION_CONFIG], false, err);
    }
    char *user = settings_user_path();
    bool ok = !user || settings_load(s, user, true, err);
    free(user);
    char *beside = ok ? file_join(folder, "thumbtag.ini") : NULL;
    if (ok && !beside) {
        ok = error_nomem(err, strlen(folder), "the path of thumbtag.ini");
    }
    ok = ok && load_beside(s, beside, err);
    free(beside);
    return ok;
}

bool command_settings(struct settings *s, const struct command_line *line, const char *folder,
                      struct error *err)
{
    if (!settings_init(s, err)) {
        return false;
    }
    bool ok = load_inis(s, line, folder, err);
    for (enum option_id o = 0; ok && o < OPTION_COUNT; o++) {
        if (line->values[o]) {
            ok = settings_set(s, o, line->values[o], "command line", err);
        }
    }
    if (!ok) {
        settings_release(s);
        return false;
    }
    image_budget_set((uint64_t)settings_number(s, OPTION_MEMORY) << 20);
    return true;
}

int command_with_settings(const struct command_line *line,
                          int (*run)(const struct command_line *line, const struct settings *s))
{
    struct error err;
    struct settings settings;
    char *folder = data_folder(line);
    if (!folder || !command_settings(&settings, line, folder, &err)) {
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
