#include "base/name_index.h"

#include <string.h>

#include "base/map.h"

#define DIGITS_MAX 6    /* of a line number */
#define SYNSET_DIGITS 8 /* of a WordNet id, after its 'n' */

static const char digits[] = "0123456789";

/* A number before a name. */
struct prefix {
    size_t len;           /* bytes before the name, separator included; 0: no number */
    char separator;       /* ' ' or punctuation */
    unsigned long number; /* the line number */
};

static size_t blanks(const char *s)
{
    return strspn(s, " \t");
}

static struct prefix line_number(const char *name)
{
    struct prefix p = { 0, ' ', 0 };
    size_t count = strspn(name, digits);
    if (count < 1 || count > DIGITS_MAX) {
        return p;
    }
    for (size_t i = 0; i < count; i++) {
        p.number = p.number * 10 + (unsigned long)(name[i] - '0');
    }
    size_t before = blanks(name + count);
    size_t at = count + before;
    if (name[at] && strchr(":,.)=-", name[at])) {
        p.separator = name[at++];
        bool apart = blanks(name + at) > 0; /* "0.5" and "0-10" are names */
        if ((p.separator == '.' && !apart) || (p.separator == '-' && !(apart && before))) {
            return p;
        }
    } else if (!before) {
        return p;
    }
    at += blanks(name + at);
    p.len = name[at] ? at : 0;
    return p;
}

static struct prefix synset(const char *name)
{
    size_t count = name[0] == 'n' ? strspn(name + 1, digits) : 0;
    size_t gap = count == SYNSET_DIGITS ? blanks(name + 1 + count) : 0;
    struct prefix p = { gap && name[1 + count + gap] ? 1 + count + gap : 0, ' ', 0 };
    return p;
}

typedef struct prefix prefix_fn(const char *name);

/* True if every name has such a prefix, line numbers (`counted`) are consecutive, and
 * the remaining names differ. *ok is set to false when out of memory. */
static bool all_have(char *const *names, size_t count, prefix_fn *prefix, bool counted, bool *ok)
{
    struct prefix first = prefix(names[0]);
    bool all = !counted || first.number == 0 || (first.number == 1 && first.separator != ' ');
    struct map seen;
    map_init(&seen);
    for (size_t i = 0; all && *ok && i < count; i++) {
        struct prefix p = prefix(names[i]);
        const char *name = names[i] + p.len;
        uint32_t other;
        all = p.len && p.separator == first.separator &&
              (!counted || p.number == first.number + i) &&
              !map_get(&seen, name, strlen(name), &other);
        *ok = !all || map_put(&seen, name, strlen(name), (uint32_t)i);
    }
    map_release(&seen);
    return all && *ok;
}

static void take_off(char **names, size_t count, prefix_fn *prefix)
{
    for (size_t i = 0; i < count; i++) {
        char *name = names[i];
        size_t len = prefix(name).len;
        memmove(name, name + len, strlen(name + len) + 1);
    }
}

bool name_index_take_off(char **names, size_t count)
{
    bool ok = true;
    if (count < 2) {
        return true;
    }
    if (all_have(names, count, line_number, true, &ok)) {
        take_off(names, count, line_number);
    } else if (ok && all_have(names, count, synset, false, &ok)) {
        take_off(names, count, synset);
    }
    return ok;
}
