#include "model_options.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"

/* Parses "0.5" or "0.485,0.456,0.406". */
static bool parse_channels(const char *text, float out[3])
{
    char rest;
    int n = sscanf(text, "%f,%f,%f%c", &out[0], &out[1], &out[2], &rest);
    if (n == 1 && sscanf(text, "%f%c", &out[0], &rest) == 1) {
        out[1] = out[2] = out[0];
        n = 3;
    }
    return n == 3 && isfinite(out[0]) && isfinite(out[1]) && isfinite(out[2]);
}

bool settings_fraction(const struct settings *s, enum option_id o, float low, float high,
                       float *out, struct error *err)
{
    const char *text = settings_text(s, o);
    char *end;
    *out = strtof(text, &end);
    return (end != text && !*end && *out >= low && *out <= high) ||
           error_set(err, ERROR_USAGE, "%s = '%s': must be a number from %g to %g",
                     option_info(o)->name, text, (double)low, (double)high);
}

bool model_options(const struct settings *s, struct classifier_options *options,
                   struct error *err)
{
    const char *mean = settings_text(s, OPTION_MEAN);
    const char *std = settings_text(s, OPTION_STD);
    *options =
        (struct classifier_options){ .fit = (enum image_reshape)settings_number(s, OPTION_FIT) };
    if (!model_isa(s, &options->isa, err)) {
        return false;
    }
    if (!mean[0] && !std[0]) {
        return true;
    }
    options->input_given = true;
    if (!parse_channels(mean, options->input.mean)) {
        return error_set(
            err, ERROR_USAGE,
            "mean = '%s': must be one number or R,G,B, where 1 is white; std is needed too", mean);
    }
    float *d = options->input.std;
    if (!parse_channels(std, d) || d[0] <= 0.0f || d[1] <= 0.0f || d[2] <= 0.0f) {
        return error_set(err, ERROR_USAGE,
                         "std = '%s': must be one number or R,G,B, each above 0, where 1 is white; "
                         "mean is needed too",
                         std);
    }
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
