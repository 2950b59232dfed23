/* Which part of a split a picture is in: the shares of each class, that it stays there, and what
 * stays together. */
#include <math.h>

#include "base/hash.h"
#include "base/map.h"
#include "sets.h"

enum { MOST = 6000 }; /* pictures */

/* An export of made-up names; the parts are read from its files. */
struct split {
    struct annotation items[MOST];
    char names[MOST][48], labels[MOST][24];
    size_t count;
    int part[MOST]; /* of each item */
    struct export_report report;
};

static void add(struct split *s, const char *label, const char *folder, const char *ending,
                int first, int count)
{
    for (int i = first; i < first + count; i++, s->count++) {
        assert_true(s->count < MOST);
        snprintf(s->names[s->count], sizeof s->names[0], "%s%d%s", folder, i, ending);
        snprintf(s->labels[s->count], sizeof s->labels[0], "%s", label);
        s->items[s->count] = (struct annotation){ .file_name = s->names[s->count],
                                                  .label = s->labels[s->count],
                                                  .status = STATUS_LABELED };
    }
}

static void read_part(struct split *s, const char *folder, const char *file, int part)
{
    char *path = scratch_path(folder, file), *text = scratch_read(path, NULL);
    struct map names;
    map_init(&names);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        assert_true(map_put(&names, line, strcspn(line, ","), 1));
    }
    for (size_t i = 0; i < s->count; i++) {
        uint32_t is;
        if (map_get(&names, s->names[i], strlen(s->names[i]), &is)) {
            s->part[i] = part;
        }
    }
    map_release(&names);
    free(text);
    free(path);
}

static bool try(struct split *s, const struct export_options *options, struct error *err)
{
    char *folder = scratch_new(), *out = scratch_path(folder, "out");
    struct export_options o = *options;
    o.to = "csv";
    o.out = out;
    memset(s->part, -1, sizeof s->part);
    bool ok = formats_export(s->items, s->count, &o, &s->report, err);
    static const char *const files[] = { "train.csv", "val.csv", "test.csv" };
    for (int k = 0; ok && k < SPLITS_MAX; k++) {
        if (o.shares[k]) {
            read_part(s, out, files[k], k);
        }
    }
    for (size_t i = 0; ok && i < s->count; i++) {
        assert_true(s->part[i] >= 0);
    }
    free(out);
    scratch_remove(folder);
    return ok;
}

static void split(struct split *s, const struct export_options *options)
{
    struct error err;
    if (!try(s, options, &err)) {
        fail_msg("%s", err.message);
    }
}

static size_t count(const struct split *s, const char *label, int part)
{
    size_t n = 0;
    for (size_t i = 0; i < s->count; i++) {
        n += (part < 0 || s->part[i] == part) && strcmp(s->labels[i], label) == 0;
    }
    return n;
}

static const struct export_options usual = { .folder = "/",
                                             .shares = { 80, 10, 10 },
                                             .no_near = true };

static int setup(void **state)
{
    *state = calloc(1, sizeof(struct split));
    return *state ? 0 : -1;
}

static int teardown(void **state)
{
    free(*state);
    return 0;
}

static void each_class_has_its_shares(void **state)
{
    struct split *s = *state;
    static const int sizes[] = { 1, 2, 5, 10, 20, 50, 90, 150, 1000, 2500 };
    char label[24];
    for (size_t k = 0; k < ARRAY_LEN(sizes); k++) {
        snprintf(label, sizeof label, "class %d", sizes[k]);
        add(s, label, "a/", ".jpg", (int)k * 10000, sizes[k]);
    }
    split(s, &usual);
    for (size_t k = 0; k < ARRAY_LEN(sizes); k++) {
        snprintf(label, sizeof label, "class %d", sizes[k]);
        size_t train = count(s, label, 0), val = count(s, label, 1);
        double off = 0.001 + sizes[k] / 10 / 5 + (sizes[k] % 10 ? 1 : 0);
        if (fabs((double)train - 0.8 * sizes[k]) > off ||
            fabs((double)(train + val) - 0.9 * sizes[k]) > off) {
            fail_msg("%s: %zu in train, %zu in val", label, train, val);
        }
    }
    assert_int_equal(count(s, "class 10", 0), 8);
    assert_int_equal(count(s, "class 10", 1), 1);
    assert_int_equal(count(s, "class 10", 2), 1);
}

/* Of many small classes not all round to the same side. */
static void small_classes_are_fair_together(void **state)
{
    struct split *s = *state;
    char label[24];
    for (int k = 0; k < 500; k++) {
        snprintf(label, sizeof label, "class %d", k);
        add(s, label, "b/", ".jpg", k * 5, 5);
    }
    split(s, &usual);
    assert_true(s->report.per_split[0] >= 1900 && s->report.per_split[0] <= 2100);
    assert_true(s->report.per_split[1] >= 200 && s->report.per_split[1] <= 300);
    assert_true(s->report.per_split[2] >= 200 && s->report.per_split[2] <= 300);
}

/* The hash alone decides where it is near enough; else about as many move as were added. */
static void pictures_stay_when_others_are_added(void **state)
{
    struct split *s = *state;
    static int before[MOST];
    add(s, "many", "", ".jpg", 0, 3000);
    add(s, "few", "", ".png", 0, 30);
    split(s, &usual);
    memcpy(before, s->part, sizeof before);
    size_t had = s->count;
    add(s, "many", "", ".jpg", 3000, 1500);
    add(s, "few", "", ".png", 30, 4);
    split(s, &usual);
    size_t moved[2] = { 0, 0 };
    for (size_t i = 0; i < had; i++) {
        moved[s->labels[i][0] == 'f'] += s->part[i] != before[i];
    }
    assert_int_equal(moved[0], 0);
    assert_true(moved[1] <= 8); /* 4 past each of 2 borders */
}

static void what_the_pattern_captures_stays_together(void **state)
{
    struct split *s = *state;
    struct export_options o = usual;
    struct error err;
    int parts[60], used[SPLITS_MAX] = { 0 };
    o.by = "^p([0-9]+)/";
    for (int patient = 0; patient < 60; patient++) {
        char folder[24];
        snprintf(folder, sizeof folder, "p%d/", patient);
        add(s, patient % 2 ? "ill" : "well", folder, ".jpg", 0, 5 + patient % 3);
    }
    add(s, "well", "other/", ".jpg", 0, 7);
    split(s, &o);
    assert_int_equal(s->report.captures, 60);
    assert_int_equal(s->report.uncaptured, 7);
    memset(parts, -1, sizeof parts);
    for (size_t i = 0; i < s->count; i++) {
        int patient;
        if (sscanf(s->names[i], "p%d/", &patient) == 1) {
            assert_true(parts[patient] < 0 || parts[patient] == s->part[i]);
            parts[patient] = s->part[i];
            used[s->part[i]]++;
        }
    }
    assert_true(used[0] && used[1] && used[2]);
    double share = (double)count(s, "ill", 0) / (double)count(s, "ill", -1);
    assert_true(share > 0.7 && share < 0.9);
    o.by = "^q([0-9]+)/";
    assert_false(try(s, &o, &err));
    assert_non_null(strstr(err.message, "matches none of the names, such as other/0.jpg"));
    o.by = "(";
    assert_false(try(s, &o, &err));
    assert_non_null(strstr(err.message, "not a regular expression"));
}

/* Random spots, at any size and brightness. */
static void draw(const char *path, int seed, int width, int height, int brightness)
{
    enum { GRID = 7 };
    struct buf bytes = BUF_INIT;
    uint8_t *rgb = mem_array((size_t)width * (size_t)height, 3);
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            double u = (double)x / width * (GRID - 1), v = (double)y / height * (GRID - 1);
            int place[3] = { seed, (int)u, (int)v };
            double corner[4], a = u - (int)u, b = v - (int)v;
            for (int k = 0; k < 4; k++) {
                int at[3] = { place[0], place[1] + k % 2, place[2] + k / 2 };
                corner[k] = (double)(hash64(at, sizeof at, 1) % 200);
            }
            double level = (corner[0] * (1 - a) + corner[1] * a) * (1 - b) +
                           (corner[2] * (1 - a) + corner[3] * a) * b;
            memset(rgb + 3 * (y * width + x), (int)level + brightness, 3);
        }
    }
    picture_ppm(&bytes, width, height, rgb);
    scratch_write(path, bytes.data, bytes.len);
    buf_release(&bytes);
    free(rgb);
}

static void what_looks_the_same_stays_together(void **state)
{
    enum { PICTURES = 40 };
    struct split *s = *state;
    struct export_options o = usual;
    char *folder = scratch_new();
    o.no_near = false;
    o.folder = folder;
    add(s, "cat", "", ".ppm", 0, PICTURES);
    add(s, "cat", "copy-", ".ppm", 0, PICTURES);
    add(s, "cat", "black-", ".ppm", 0, 2);
    add(s, "cat", "missing-", ".ppm", 0, 3);
    for (size_t i = 0; i < s->count - 3; i++) {
        char *path = scratch_path(folder, s->names[i]);
        if (i < PICTURES) {
            draw(path, (int)i, 96, 64, 0);
        } else if (i < 2 * PICTURES) {
            draw(path, (int)i - PICTURES, 60, 40, 25);
        } else {
            static const uint8_t rgb[300];
            struct buf bytes = BUF_INIT;
            picture_ppm(&bytes, 10, 10, rgb);
            scratch_write(path, bytes.data, bytes.len);
            buf_release(&bytes);
        }
        free(path);
    }
    split(s, &o);
    assert_int_equal(s->report.near_groups, PICTURES);
    assert_int_equal(s->report.near_pictures, 2 * PICTURES);
    assert_int_equal(s->report.unread, 3);
    for (size_t i = 0; i < PICTURES; i++) {
        assert_int_equal(s->part[i], s->part[PICTURES + i]);
    }
    o.no_near = true;
    split(s, &o);
    int apart = 0;
    for (size_t i = 0; i < PICTURES; i++) {
        apart += s->part[i] != s->part[PICTURES + i];
    }
    assert_true(apart > 0);
    assert_int_equal(s->report.near_groups, 0);
    scratch_remove(folder);
}

/* A picture of several classes counts for the rarest. */
static void the_rarest_class_counts(void **state)
{
    struct split *s = *state;
    add(s, "dog", "d", ".jpg", 0, 200);
    add(s, "cat|dog", "c", ".jpg", 0, 20);
    split(s, &usual);
    assert_int_equal(count(s, "cat|dog", 0), 16);
    assert_int_equal(count(s, "cat|dog", 1), 2);
    assert_int_equal(count(s, "cat|dog", 2), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_class_has_its_shares, setup, teardown),
        cmocka_unit_test_setup_teardown(small_classes_are_fair_together, setup, teardown),
        cmocka_unit_test_setup_teardown(pictures_stay_when_others_are_added, setup, teardown),
        cmocka_unit_test_setup_teardown(what_the_pattern_captures_stays_together, setup, teardown),
        cmocka_unit_test_setup_teardown(what_looks_the_same_stays_together, setup, teardown),
        cmocka_unit_test_setup_teardown(the_rarest_class_counts, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
