#include "teacher_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "learn/classifier.h"
#include "model_options.h"
#include "say.h"

/* Names for the outputs of a model without class names. */
static bool number_outputs(struct examples *e, const char *path, size_t count, struct error *err)
{
    char name[32];
    say(stderr,
        "thumbtag: %s has no class names in it: its outputs are called 'output 1' to "
        "'output %zu'; name a file of names by --model-labels\n",
        path, count);
    e->classes = mem_array(count, sizeof *e->classes);
    for (size_t c = 0; e->classes && c < count; c++) {
        int len = snprintf(name, sizeof name, "output %zu", c + 1);
        e->classes[c] = mem_string(name, (size_t)len);
        if (!e->classes[c]) {
            break;
        }
        e->class_count++;
    }
    return (e->classes && e->class_count == count) ||
           error_nomem(err, count * sizeof *e->classes, "class names");
}

/* Gives the examples the model's classes. */
static bool take_classes(const struct settings *s, const char *path, struct examples *e,
                         const struct nn_model *model, struct error *err)
{
    struct nn_labels names = { 0 };
    size_t count = nn_model_classes(model);
    const char *file = settings_text(s, OPTION_MODEL_LABELS);
    free(e->classes);
    e->classes = NULL;
    if (!classifier_names(path, file, &names, err)) {
        return !file[0] && number_outputs(e, path, count, err);
    }
    if (names.count != count) {
        error_set(err, ERROR_DATA, "%s: the model has %zu outputs, but %zu class names", path,
                  count, names.count);
        nn_labels_release(&names);
        return false;
    }
    e->classes = names.names; /* whose ownership they take over */
    e->class_count = names.count;
    return true;
}

bool teacher_options_load(struct teacher_options *t, const struct settings *s, struct examples *e,
                          struct error *err)
{
    const char *path = settings_text(s, OPTION_TEACHER);
    struct classifier_options options;
    struct train_teacher *from = &t->teacher;
    if (!file_read(path, NN_MODEL_MAX_BYTES, &t->bytes, err) || !model_options(s, &options, err)) {
        return false;
    }
    from->bytes = t->bytes.data;
    from->len = t->bytes.len;
    from->name = path;
    from->input_given = options.input_given;
    from->input = options.input;
    from->class_weight = settings_real(s, OPTION_CLASS_WEIGHT);
    from->finer = settings_real(s, OPTION_FINER_WEIGHT);
    from->views = settings_number(s, OPTION_VIEWS);
    from->classes = e->class_count == 0;
    struct nn_model *model = nn_model_parse(from->bytes, from->len, path, err);
    bool ok = model && (!from->classes || take_classes(s, path, e, model, err));
    nn_model_free(model);
    return ok;
}

void teacher_options_release(struct teacher_options *t)
{
    buf_release(&t->bytes);
}
