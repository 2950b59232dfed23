#include "start_guesser.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "disk_cache.h"
#include "model_choice.h"
#include "say.h"

bool guesser_is_on(const struct settings *s, enum session_mode mode)
{
    const char *model = settings_text(s, OPTION_MODEL);
    return strcmp(model, "none") != 0 &&
           (model[0] || mode == SESSION_LABEL || settings_number(s, OPTION_SUSPECTS));
}

bool model_has_classes(const struct settings *s)
{
    const char *model = model_named(s);
    const char *file = settings_text(s, OPTION_MODEL_LABELS);
    struct nn_labels names = { 0 };
    struct error why;
    if (!model) {
        return false;
    }
    bool ok = classifier_names(model, file, &names, &why);
    nn_labels_release(&names);
    return ok || file[0] || why.kind != ERROR_IO || access(model, R_OK) != 0;
}

/* A model without class names is accepted if the session already has classes. */
static bool find_names(const struct guesser_start *start, struct nn_labels *names, char *note,
                       size_t note_size, struct error *err)
{
    const char *model = model_named(start->settings);
    const char *file = settings_text(start->settings, OPTION_MODEL_LABELS);
    struct error why = { ERROR_NONE, "" };
    if (!model || classifier_names(model, file, names, &why)) {
        return true;
    }
    if (file[0] || !start->classes->count || why.kind != ERROR_IO || access(model, R_OK) != 0) {
        *err = why;
        return false;
    }
    snprintf(note, note_size, "The model's own classes are not used: %s", why.message);
    return true;
}

static bool take_names(const struct guesser_start *start, const struct nn_labels *names,
                       struct error *err)
{
    bool none = !start->classes->count;
    for (size_t i = 0; none && i < names->count; i++) {
        const char *name = names->names[i];
        if (!classes_add(start->classes, name, strlen(name), KEYCODE_NONE, CLASS_COLOR_NONE,
                         model_named(start->settings), err)) {
            return false;
        }
    }
    return true;
}

/* The user's own backbone cannot be used. The session goes on with the network inside: it
 * must not be refused for a file that it did not name. */
static void tell_fallback(const struct error *why, char *note, size_t note_size)
{
    say(stderr,
        "thumbtag: %s; using the built-in network (remove that file, or choose one: -m builtin)\n",
        why->message);
    snprintf(note, note_size, OWN_BACKBONE " cannot be used; learning with the built-in network");
}

struct guesser *start_guesser(const struct guesser_start *start, char *note, size_t note_size,
                              struct error *err)
{
    const struct settings *s = start->settings;
    struct model_choice model;
    struct nn_labels names = { 0 };
    struct classifier_options classifier;
    struct guesser *g = NULL;
    note[0] = '\0';
    model_choose(&model, s);
    if (model_choice_options(&model, s, &classifier, err) &&
        find_names(start, &names, note, note_size, err) && take_names(start, &names, err)) {
        struct guesser_options options = {
            .model_path = model.path,
            .classifier = &classifier,
            .names = &names,
            .classes = start->classes,
            .disk = disk_cache_keeps(s, CACHE_EMBEDDINGS) ? start->disk : NULL,
            .pictures = start->pictures,
            .scheduler = start->scheduler,
            .judge = start->judge,
            .in_step = start->in_step || settings_text(s, OPTION_SCRIPT)[0],
        };
        g = guesser_new(&options, start->wake, start->context, err);
        if (!g && model.source == MODEL_OWN) {
            tell_fallback(err, note, note_size);
            options.model_path = NULL;
            classifier.input_given = false;
            g = guesser_new(&options, start->wake, start->context, err);
        }
    }
    if (g && names.count && start->classes->multi) {
        snprintf(note, note_size,
                 "The model's own predictions are not used: it knows one class a picture.");
    } else if (g && names.count && !guesser_known(g)) {
        snprintf(note, note_size,
                 "None of the model's %zu classes (%s, …) matches one of yours (%s, …).",
                 names.count, names.names[0], start->classes->items[0].name);
    }
    model_choice_release(&model);
    nn_labels_release(&names);
    return g;
}
