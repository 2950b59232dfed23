#include "box.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cache.h"
#include "base/file.h"
#include "base/mem.h"
#include "term/tmux.h"

/* If it cannot be created, nothing is cached. */
static char *make_cache_folder(void)
{
    char *folder = settings_cache_folder();
    if (folder) {
        cache_make(folder, NULL);
    }
    return folder;
}

static bool enter(const struct box *box, struct sandbox_state *state, struct error *err)
{
    static const char *const devices[] = { "/dev/null", "/dev/tty" };
    const char *output = box->output && box->output[0] ? box->output : NULL;
    char *beside = output ? file_dirname(output) : NULL;
    char *cache = box->cache ? make_cache_folder() : NULL;
    const char *folders[3];
    struct sandbox rules = { .folders = folders,
                             .links = box->links,
                             .devices = devices,
                             .device_count = box->terminal ? 2 : 1 };
    if (output && !beside) {
        free(cache);
        return error_nomem(err, strlen(output), "a folder's name");
    }
    const char *const wanted[] = { beside, cache, box->folder };
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
        if (wanted[i] && wanted[i][0]) {
            folders[rules.folder_count++] = wanted[i];
        }
    }
    sandbox_enter(&rules, state);
    free(beside);
    free(cache);
    return true;
}

bool box_enter(const struct settings *s, const struct box *box, struct sandbox_state *state,
               struct error *err)
{
    struct sandbox_state ours;
    state = state ? state : &ours;
    *state = (struct sandbox_state){ 0 };
    if (settings_number(s, OPTION_NO_SANDBOX)) {
        snprintf(state->no_files, sizeof state->no_files, "turned off by no-sandbox");
        snprintf(state->no_calls, sizeof state->no_calls, "turned off by no-sandbox");
        return true;
    }
    return (!box->terminal || tmux_helper_start(err)) && enter(box, state, err);
}
