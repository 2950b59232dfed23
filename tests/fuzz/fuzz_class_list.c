/* Any bytes as a class list: read without harm, and what is accepted is written in
 * a form that gives the same again; so is what -c takes.
 * options: -max_len=4096 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "config/class_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool truth)
{
    if (!truth) {
        abort();
    }
}

static void require_same(const struct classes *a, const struct classes *b)
{
    require(a->count == b->count);
    for (size_t i = 0; i < a->count; i++) {
        require(strcmp(a->items[i].name, b->items[i].name) == 0);
        require(a->items[i].key == b->items[i].key && a->items[i].color == b->items[i].color);
        require(classes_find(b, a->items[i].name) == i);
    }
}

static void check_round_trip(const struct classes *c)
{
    struct buf text = BUF_INIT;
    struct classes again;
    struct error err;
    classes_init(&again);
    class_list_add_heading(&text, "labels.csv");
    for (size_t i = 0; i < c->count; i++) {
        class_list_add(&text, &c->items[i]);
    }
    require(!text.failed && class_list_parse(&again, text.data, text.len, "list", &err));
    require_same(c, &again);
    classes_release(&again);
    buf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct classes c;
    struct error err = { .kind = ERROR_NONE };
    classes_init(&c);
    if (class_list_parse(&c, (const char *)data, size, "list", &err)) {
        check_round_trip(&c);
    } else {
        require(err.kind == ERROR_DATA && err.message[0]);
    }
    classes_release(&c);

    char *list = malloc(size + 1);
    require(list != NULL);
    memcpy(list, data, size);
    list[size] = '\0';
    if (classes_parse_list(&c, list, "-c", &err)) {
        check_round_trip(&c);
    }
    classes_release(&c);
    free(list);
    return 0;
}
