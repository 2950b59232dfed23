/* Any bytes: the reader refuses them, or gives a model that runs.
 * seeds: tests/data/tflite
 * options: -max_len=8192 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "nn/preprocess.h"
#include "nn/run.h"

/* Keeps one case within milliseconds. */
#define MAX_MACS 2000000u
#define MAX_ARENA 65536u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = { 0 };
    struct nn_model *model = nn_model_parse(data, size, "fuzz", &err);
    if (!model) {
        if (err.kind == ERROR_NONE || err.message[0] == '\0') {
            abort();
        }
        return 0;
    }
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
