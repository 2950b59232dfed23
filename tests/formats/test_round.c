/* In, out, in: whatever two formats can both hold is the same behind both. */
#include "sets.h"

#define WHOLE(name, label_)                                                                        \
    {                                                                                              \
        .file_name = name, .label = label_, .status = STATUS_LABELED                               \
    }
#define REGION(name, label_, ...)                                                                  \
    {                                                                                              \
        .file_name = name, .label = label_, .status = STATUS_LABELED, .region = { __VA_ARGS__ }    \
    }
#define NO_LABEL(name, status_)                                                                    \
    {                                                                                              \
        .file_name = name, .label = "", .status = status_                                          \
    }

static const struct annotation whole[] = {
    WHOLE("1.ppm", "cat"),
    WHOLE("a/2.ppm", "sea dog"),
    WHOLE("a/b c/3 é.ppm", "Möwe, \"die\" & <so>"),
    WHOLE("4.ppm", "cat"),
};
static const struct annotation several[] = {
    WHOLE("1.ppm", "cat|dog"),
    WHOLE("a/2.ppm", "dog"),
    WHOLE("4.ppm", "ant|bee|cat"),
};
static const struct annotation regions[] = {
    REGION("1.ppm", "cat", 0, 0, 40, 30),
    REGION("1.ppm", "dog", 3, 4, 7, 9),
    REGION("a/2.ppm", "sea dog", 39, 29, 1, 1),
    REGION("a/b c/3 é.ppm", "dog", 13, 17, 19, 11),
};
static const struct annotation region_classes[] = {
    REGION("1.ppm", "cat|dog", 1, 2, 3, 4),
    REGION("4.ppm", "dog", 1, 2, 3, 4),
};
static const struct annotation mixed[] = {
    WHOLE("1.ppm", "cat"),
    REGION("1.ppm", "dog", 3, 4, 7, 9),
    REGION("a/2.ppm", "dog", 3, 4, 8, 10),
    WHOLE("4.ppm", "dog"),
};
static const struct annotation statuses[] = {
    WHOLE("1.ppm", "cat"),
    NO_LABEL("a/2.ppm", STATUS_SKIPPED),
    NO_LABEL("4.ppm", STATUS_NONE),
    NO_LABEL("a/b c/3 é.ppm", STATUS_UNSURE),
};

static const struct {
    const struct annotation *items;
    size_t count;
    unsigned needs;
} contents[] = {
    { whole, ARRAY_LEN(whole), HOLDS_CLASS },
    { several, ARRAY_LEN(several), HOLDS_CLASS | HOLDS_SEVERAL },
    { regions, ARRAY_LEN(regions), HOLDS_REGIONS },
    { region_classes, ARRAY_LEN(region_classes), HOLDS_REGIONS | HOLDS_SEVERAL },
    { mixed, ARRAY_LEN(mixed), HOLDS_CLASS | HOLDS_REGIONS },
    { statuses, ARRAY_LEN(statuses), HOLDS_CLASS | HOLDS_STATUS },
};

/* What was read in one leg; its annotations' names are relative to `folder`. */
struct leg {
    char *folder;
    struct pictures *pictures;
    struct dataset *data;
};

static void leg_release(struct leg *leg)
{
    dataset_free(leg->data);
    pictures_free(leg->pictures);
    free(leg->folder);
}

/* Writes the annotations in a format, and reads it back, recognised by its content. */
static void go(const struct set *s, const struct format_info *format, const char *folder,
               const struct annotation *items, size_t count, const char *name, struct leg *leg)
{
    struct error err = { .message = "" };
    struct export_report report;
    char *out = scratch_path(s->folder, name);
    struct export_options to = { .to = format->name, .folder = folder, .out = out };
    struct import_options from = { .from = NULL };
    const char *recognised = NULL;
    if (!formats_export(items, count, &to, &report, &err)) {
        fail_msg("%s: %s", format->name, err.message);
    }
    const char *pictures = report.has_pictures ? out : folder;
    leg->folder = mem_string(pictures, strlen(pictures));
    leg->pictures = set_list(leg->folder);
    leg->data = dataset_new(leg->pictures, "import");
    if (!formats_import(out, &from, leg->data, &recognised, &err)) {
        fail_msg("%s, read as %s: %s", format->name, recognised ? recognised : "nothing",
                 err.message);
    }
    assert_string_equal(recognised, format->read_as ? format->read_as : format->name);
    free(out);
}

static void check_pair(const struct set *s, const struct format_info *first,
                       const struct format_info *second, size_t content, int number)
{
    const struct annotation *items = contents[content].items;
    size_t count = contents[content].count;
    struct leg one = { 0 }, two = { 0 };
    char name[64];
    char *want = set_text(items, count, false);
    snprintf(name, sizeof name, "one-%d", number);
    go(s, first, s->photos, items, count, name, &one);
    char *got = set_text(dataset_items(one.data), dataset_count(one.data), false);
    assert_string_equal(got, want);
    free(got);
    snprintf(name, sizeof name, "two-%d", number);
    go(s, second, one.folder, dataset_items(one.data), dataset_count(one.data), name, &two);
    got = set_text(dataset_items(two.data), dataset_count(two.data), false);
    assert_string_equal(got, want);
    free(got);
    free(want);
    leg_release(&two);
    leg_release(&one);
}

static void every_pair_of_formats_keeps_every_annotation(void **state)
{
    struct format_info first, second;
    int number = 0;
    for (size_t content = 0; content < ARRAY_LEN(contents); content++) {
        unsigned needs = contents[content].needs;
        int pairs = 0;
        for (size_t i = 0; formats_at(i, &first); i++) {
            for (size_t k = 0; formats_at(k, &second); k++) {
                if (first.writes && second.writes && (first.holds & needs) == needs &&
                    (second.holds & needs) == needs) {
                    check_pair(*state, &first, &second, content, number++);
                    pairs++;
                }
            }
        }
        assert_true(pairs > 0);
    }
}

/* What a format cannot hold it refuses, and nothing is written. */
static void what_cannot_be_held_is_refused(void **state)
{
    const struct set *s = *state;
    struct format_info format;
    for (size_t i = 0; formats_at(i, &format); i++) {
        for (size_t content = 0; format.writes && content < ARRAY_LEN(contents); content++) {
            struct error err = { .message = "" };
            struct export_report report;
            char *out = scratch_path(s->folder, "refused");
            struct export_options to = { .to = format.name, .folder = s->photos, .out = out };
            unsigned needs = contents[content].needs;
            if ((format.holds & needs) != needs) {
                assert_false(formats_export(contents[content].items, contents[content].count, &to,
                                            &report, &err));
                assert_int_equal(err.kind, ERROR_UNSUPPORTED);
                assert_non_null(strstr(err.message, format.name));
                assert_false(scratch_exists(out));
            }
            free(out);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_pair_of_formats_keeps_every_annotation, set_setup,
                                        set_teardown),
        cmocka_unit_test_setup_teardown(what_cannot_be_held_is_refused, set_setup, set_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
