#include "model_options.h"

#include <string.h>

#include "base/buf.h"

enum image_reshape model_fit(const struct settings *s)
{
    switch (settings_choice(s, OPTION_FIT)) {
    case CHOICE_FIT_LETTERBOX:
        return IMAGE_RESHAPE_LETTERBOX;
    case CHOICE_FIT_STRETCH:
        return IMAGE_RESHAPE_STRETCH;
    default:
        return IMAGE_RESHAPE_CROP;
    }
}

bool model_options(const struct settings *s, struct classifier_options *options, struct error *err)
{
    const struct setting *mean = &s->values[OPTION_MEAN];
    const struct setting *std = &s->values[OPTION_STD];
    *options = (struct classifier_options){ .fit = model_fit(s) };
    if (!model_isa(s, &options->isa, err)) {
        return false;
    }
    if (!mean->text[0] && !std->text[0]) {
        return true;
    }
    if (!mean->text[0] || !std->text[0]) {
        return error_set(err, ERROR_USAGE, "%s is given without %s; both are needed",
                         mean->text[0] ? "mean" : "std", mean->text[0] ? "std" : "mean");
    }
    options->input_given = true;
    memcpy(options->input.mean, mean->real, sizeof mean->real);
    memcpy(options->input.std, std->real, sizeof std->real);
    return true;
}

bool model_isa(const struct settings *s, const struct nn_isa **isa, struct error *err)
{
    const char *name = settings_text(s, OPTION_ISA);
    *isa = NULL;
    if (!name[0]) {
        return true;
    }
    *isa = nn_isa_by_name(name);
    if (*isa && nn_isa_available(*isa)) {
        return true;
    }
    struct buf names = BUF_INIT;
    for (size_t i = 0; i < nn_isa_count(); i++) {
        if (nn_isa_available(nn_isa_at(i))) {
            buf_addf(&names, "%s%s", names.len ? ", " : "", nn_isa_name(nn_isa_at(i)));
        }
    }
    error_set(err, ERROR_USAGE, "--isa %s: %s (available: %s)", name,
              *isa ? "not supported by this processor" : "no such instruction set",
              buf_text(&names));
    buf_release(&names);
    return false;
}
