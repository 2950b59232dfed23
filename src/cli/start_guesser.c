#include "start_guesser.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model_options.h"

static const char *model_of(const struct work *w)
{
    return settings_text(w->settings, OPTION_MODEL);
}

bool guesser_is_on(const struct work *w)
{
    const char *model = model_of(w);
    return strcmp(model, "none") != 0 && (model[0] || w->mode == SESSION_LABEL);
}

bool model_has_classes(const struct settings *s)
{
    const char *model = settings_text(s, OPTION_MODEL);
    const char *file = settings_text(s, OPTION_MODEL_LABELS);
    struct nn_labels names = { 0 };
    struct error why;
    if (!model[0] || strcmp(model, "none") == 0) {
        return false;
    }
    bool ok = classifier_names(model, file, &names, &why);
    nn_labels_release(&names);
    return ok || file[0] || why.kind != ERROR_IO || access(model, R_OK) != 0;
}

/* A model without class names is accepted if the session already has classes. */
static bool find_names(const struct work *w, struct nn_labels *names, char *note, size_t note_size,
                       struct error *err)
{
    const char *model = model_of(w);
    const char *file = settings_text(w->settings, OPTION_MODEL_LABELS);
    struct error why = { ERROR_NONE, "" };
    if (!model[0] || classifier_names(model, file, names, &why)) {
        return true;
    }
    if (file[0] || !w->classes->count || why.kind != ERROR_IO || access(model, R_OK) != 0) {
        *err = why;
        return false;
    }
    snprintf(note, note_size, "The model's own classes are not used: %s", why.message);
    return true;
}

static bool take_names(const struct work *w, const struct nn_labels *names, struct error *err)
{
    bool none = !w->classes->count;
    for (size_t i = 0; none && i < names->count; i++) {
        const char *name = names->names[i];
        if (!classes_add(w->classes, name, strlen(name), KEYCODE_NONE, CLASS_COLOR_NONE,
                         model_of(w), err)) {
            return false;
        }
    }
    return true;
}

struct guesser *start_guesser(const struct work *w, guesser_wake_fn *wake, void *context,
                              char *note, size_t note_size, struct error *err)
{
    const struct settings *s = w->settings;
    const char *model = model_of(w);
    struct nn_labels names = { 0 };
    struct classifier_options classifier;
    char *folder = settings_cache_folder("embeddings");
    struct guesser_options options = {
        .model_path = model[0] ? model : NULL,
        .classifier = model[0] || s->values[OPTION_FIT].given ? &classifier : NULL,
        .names = &names,
        .classes = w->classes,
        .cache_folder = folder,
        .cache_bytes = (int64_t)settings_number(s, OPTION_EMBEDDINGS) << 20,
        .workers = settings_workers(s),
        .in_step = settings_text(s, OPTION_SCRIPT)[0] != '\0',
    };
    struct guesser *g = NULL;
    note[0] = '\0';
    if (model_options(s, &classifier, err) && find_names(w, &names, note, note_size, err) &&
        take_names(w, &names, err)) {
        g = guesser_new(&options, wake, context, err);
    }
    if (g && names.count && !guesser_known(g)) {
        snprintf(note, note_size,
                 "None of the model's %zu classes (%s, …) matches one of yours (%s, …).",
                 names.count, names.names[0], w->classes->items[0].name);
    }
    free(folder);
    nn_labels_release(&names);
    return g;
}
