#include "learn/classifier.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "scratch.h"

#define RGB_MODEL "tests/data/rgb/model.tflite"

static void test_model_names(void **state)
{
    struct error err;
    struct nn_labels names = { 0 };
    char *folder = scratch_new();
    char *model = scratch_path(folder, "model.tflite");
    char *other = scratch_path(folder, "names.list");

    (void)state;
    assert_false(classifier_names(model, NULL, &names, &err));
    assert_non_null(strstr(err.message, model)); /* what is missing is the model */
    scratch_write(model, "", 0);
    assert_false(classifier_names(model, NULL, &names, &err));
    assert_non_null(strstr(err.message, "labels.txt"));
    assert_non_null(strstr(err.message, "--model-labels"));
    assert_false(classifier_names(model, other, &names, &err));
    assert_non_null(strstr(err.message, "names.list"));
    scratch_write(other, "x\ny\n", 4);
    assert_true(classifier_names(model, other, &names, &err));
    assert_int_equal(names.count, 2);
    nn_labels_release(&names);
    assert_true(classifier_names(RGB_MODEL, "", &names, &err));
    assert_int_equal(names.count, 3);
    assert_string_equal(names.names[1], "green");
    nn_labels_release(&names);
    /* a model in the working folder */
    char *old = getcwd(NULL, 0);
    assert_int_equal(chdir(folder), 0);
    assert_false(classifier_names("model.tflite", "", &names, &err));
    assert_int_equal(chdir(old), 0);
    assert_memory_equal(err.message, "labels.txt", 10);
    free(old);
    free(model);
    free(other);
    scratch_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_model_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
