#include "model_choice.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "model_options.h"

char *own_backbone_find(void)
{
    struct stat st;
    char *path = settings_data_path(OWN_BACKBONE);
    if (path && lstat(path, &st) != 0 && (errno == ENOENT || errno == ENOTDIR)) {
        free(path);
        path = NULL;
    }
    return path;
}

const char *model_named(const struct settings *s)
{
    const char *model = settings_text(s, OPTION_MODEL);
    bool word = !model[0] || strcmp(model, "none") == 0 || strcmp(model, "builtin") == 0;
    return word ? NULL : model;
}

void model_choose(struct model_choice *m, const struct settings *s)
{
    const char *model = settings_text(s, OPTION_MODEL);
    *m = (struct model_choice){ .source = MODEL_INSIDE, .path = model_named(s) };
    if (m->path) {
        m->source = MODEL_NAMED;
    } else if (strcmp(model, "none") == 0) {
        m->source = MODEL_NONE;
    } else if (!model[0] && (m->own_path = own_backbone_find())) {
        m->source = MODEL_OWN;
        m->path = m->own_path;
    }
}

void model_choice_release(struct model_choice *m)
{
    free(m->own_path);
    *m = (struct model_choice){ 0 };
}

bool model_choice_options(const struct model_choice *m, const struct settings *s,
                          struct classifier_options *options, struct error *err)
{
    if (!model_options(s, options, err)) {
        return false;
    }
    options->input_given &= m->path != NULL;
    return true;
}

bool model_choice_fail(const struct model_choice *m, const char *otherwise, struct error *err)
{
    const struct error why = *err;
    return m->source == MODEL_OWN &&
           error_set(err, why.kind, "%s (remove that file, or %s)", why.message, otherwise);
}
