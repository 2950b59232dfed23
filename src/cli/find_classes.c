#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "work.h"

static bool add_from_file(struct classes *c, const char *folder, struct error *err)
{
    char *path = file_join(folder, "classes.txt");
    bool ok = path && (access(path, F_OK) != 0 || classes_load(c, path, err));
    free(path);
    return ok;
}

static int compare_names(const void *a, const void *b)
{
    const char *const *x = a;
    const char *const *y = b;
    return text_natural_compare(*x, *y);
}

bool add_labels_in_use(struct classes *c, const struct labels *labels, const char *csv,
                       struct error *err)
{
    const char **names = NULL;
    size_t count = 0;
    size_t cap = 0;
    uint32_t cursor = 0;
    const char *label;
    size_t uses;
    bool ok = true;
    while (ok && labels_next_class(labels, &cursor, &label, &uses)) {
        if (uses && classes_find(c, label) == c->count) {
            ok = mem_reserve(&names, &cap, count + 1, sizeof *names) ||
                 error_nomem(err, cap * sizeof *names, "the classes");
            if (ok) {
                names[count++] = label;
            }
        }
    }
    if (count) {
        qsort(names, count, sizeof *names, compare_names);
    }
    for (size_t i = 0; ok && i < count; i++) {
        ok = classes_add(c, names[i], strlen(names[i]), KEYCODE_NONE, CLASS_COLOR_NONE, csv, err);
    }
    free(names);
    return ok;
}

bool find_classes(struct settings *s, const char *folder, struct error *err)
{
    const char *list = settings_text(s, OPTION_CLASSES);
    if (list[0]) {
        classes_release(&s->classes);
        return classes_parse_list(&s->classes, list, "--classes", err);
    }
    return s->classes.count || add_from_file(&s->classes, folder, err);
}
