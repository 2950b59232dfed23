/* Any bytes: the reader refuses them, or gives a model that runs, and perhaps
 * one that can be trained further. Class names are read or refused.
 * seeds: tests/data/tflite
 * options: -max_len=8192 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "../../src/train/flat.h"
#include "nn/labels.h"
#include "nn/preprocess.h"
#include "nn/run.h"

/* Keeps one case within milliseconds. */
#define MAX_MACS 2000000u
#define MAX_ARENA 65536u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must_say_why(const struct error *err)
{
    if (err->kind == ERROR_NONE || !err->message[0]) {
        abort();
    }
}

static void read_names(const uint8_t *data, size_t size)
{
    struct nn_labels names;
    struct error err = { 0 };
    if (!nn_labels_parse_model(&names, data, size, "fuzz", &err)) {
        must_say_why(&err);
    }
    nn_labels_release(&names);
}

static void make_flat(const struct nn_model *model)
{
    struct flat_net net;
    struct error err = { 0 };
    if (!flat_from_model(&net, model, &err)) {
        must_say_why(&err);
    }
    flat_net_release(&net);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = { 0 };
    read_names(data, size);
    struct nn_model *model = nn_model_parse(data, size, "fuzz", &err);
    if (!model) {
        must_say_why(&err);
        return 0;
    }
    make_flat(model);
    if (nn_model_macs(model) <= MAX_MACS && nn_model_arena_bytes(model) <= MAX_ARENA &&
        nn_model_op_count(model) <= 64) {
        struct nn_context *context = nn_context_new(model, &err);
        struct nn_input_spec spec;
        void *input = calloc(1, nn_model_input(model)->bytes);
        float *scores = calloc(nn_model_classes(model), sizeof(*scores));
        if (context && input && scores) {
            nn_input_spec_default(model, &spec);
            nn_run(context, input, NULL);
            nn_probabilities(context, scores);
        }
        free(scores);
        free(input);
        nn_context_free(context);
    }
    nn_model_free(model);
    return 0;
}
