#include "formats/pictures.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "base/mem.h"
#include "image/format.h"

#define NOTHING UINT32_MAX
#define SAME_MAX 1000 /* pictures of one base name that are compared */

/* The pictures by the last part of their names; made when first needed. */
struct last_parts {
    bool stems;     /* without their endings */
    struct map map; /* to the last picture of that name */
    uint32_t *same; /* of each picture: the one before it of the same name, or NOTHING */
};

struct pictures {
    struct arena arena;
    char *folder;
    const char **names;
    size_t count, cap;
    struct map by_path;
    struct last_parts bases, stems;
    struct buf wanted;
};

static void last_parts_init(struct last_parts *l, bool stems)
{
    *l = (struct last_parts){ .stems = stems };
    map_init(&l->map);
}

static void last_parts_release(struct last_parts *l)
{
    map_release(&l->map);
    free(l->same);
    last_parts_init(l, l->stems);
}

struct pictures *pictures_new(const char *folder)
{
    struct pictures *p = calloc(1, sizeof *p);
    if (p && !(p->folder = mem_string(folder, strlen(folder)))) {
        free(p);
        p = NULL;
    }
    if (p) {
        map_init(&p->by_path);
        last_parts_init(&p->bases, false);
        last_parts_init(&p->stems, true);
    }
    return p;
}

void pictures_forget_index(struct pictures *p)
{
    map_release(&p->by_path);
    map_init(&p->by_path);
    last_parts_release(&p->bases);
    last_parts_release(&p->stems);
}

void pictures_free(struct pictures *p)
{
    if (!p) {
        return;
    }
    pictures_forget_index(p);
    arena_release(&p->arena);
    buf_release(&p->wanted);
    free(p->folder);
    free(p->names);
    free(p);
}

bool pictures_add(struct pictures *p, const char *name, size_t len)
{
    if (p->count >= NOTHING - 1 ||
        !mem_reserve(&p->names, &p->cap, p->count + 1, sizeof *p->names)) {
        return false;
    }
    const char *copy = arena_string(&p->arena, name, len);
    if (!copy) {
        return false;
    }
    p->names[p->count++] = copy;
    return true;
}

size_t pictures_count(const struct pictures *p)
{
    return p->count;
}

const char *pictures_folder(const struct pictures *p)
{
    return p->folder;
}

const char *pictures_name(const struct pictures *p, uint32_t index)
{
    return p->names[index];
}

static const char *base_of(const char *name)
{
    const char *slash = strrchr(name, '/');
    return slash ? slash + 1 : name;
}

static size_t stem_len(const char *base)
{
    const char *dot = strrchr(base, '.');
    return dot && dot != base ? (size_t)(dot - base) : strlen(base);
}

static void index_paths(struct pictures *p)
{
    if (p->by_path.count) {
        return;
    }
    for (uint32_t i = 0; i < p->count; i++) {
        map_put(&p->by_path, p->names[i], strlen(p->names[i]), i);
    }
}

static void index_last_parts(const struct pictures *p, struct last_parts *l)
{
    if (l->map.count || !(l->same = mem_array(p->count, sizeof *l->same))) {
        return;
    }
    for (uint32_t i = 0; i < p->count; i++) {
        const char *base = base_of(p->names[i]);
        size_t len = l->stems ? stem_len(base) : strlen(base);
        if (!map_get(&l->map, base, len, &l->same[i])) {
            l->same[i] = NOTHING;
        }
        map_put(&l->map, base, len, i);
    }
}

/* The name with '/' between its parts and without "./" in front. */
static const char *normalized(struct pictures *p, const char *name, size_t len, size_t *out_len)
{
    while (len >= 2 && name[0] == '.' && (name[1] == '/' || name[1] == '\\')) {
        name += 2;
        len -= 2;
    }
    *out_len = len;
    if (!memchr(name, '\\', len)) {
        return name;
    }
    buf_clear(&p->wanted);
    for (size_t i = 0; i < len; i++) {
        buf_addc(&p->wanted, name[i] == '\\' ? '/' : name[i]);
    }
    *out_len = p->wanted.len;
    return buf_text(&p->wanted);
}

static enum picture_match find_path(struct pictures *p, const char *name, size_t len,
                                    uint32_t *index)
{
    index_paths(p);
    if (map_get(&p->by_path, name, len, index)) {
        return MATCH_PATH;
    }
    for (size_t i = 0; i < len; i++) {
        if (name[i] == '/' && memchr(name + i + 1, '/', len - i - 1) &&
            map_get(&p->by_path, name + i + 1, len - i - 1, index)) {
            return MATCH_PATH;
        }
    }
    return MATCH_NONE;
}

/* Length of the path, or of it without its ending. */
static size_t whole_len(const char *path, bool stem)
{
    const char *base = base_of(path);
    return (size_t)(base - path) + (stem ? stem_len(base) : strlen(base));
}

/* Of those with the last part, the one whose path is the name, or else the one whose path ends
 * in it. */
static enum picture_match choose(const struct pictures *p, const struct last_parts *l,
                                 uint32_t last, const char *name, size_t len, uint32_t *index)
{
    size_t equal = 0, ending = 0, tries = 0;
    uint32_t ends = last;
    for (uint32_t i = last; i != NOTHING && tries < SAME_MAX; i = l->same[i], tries++) {
        size_t path_len = whole_len(p->names[i], l->stems);
        if (path_len < len || memcmp(p->names[i] + path_len - len, name, len) != 0) {
            continue;
        }
        if (path_len == len) {
            *index = i;
            equal++;
        } else if (p->names[i][path_len - len - 1] == '/') {
            ends = i;
            ending++;
        }
    }
    if (!memchr(name, '/', len) || tries == SAME_MAX || (!equal && !ending)) {
        *index = last;
        return l->same[last] == NOTHING ? MATCH_BASE_NAME : MATCH_AMBIGUOUS;
    }
    *index = equal ? *index : ends;
    return (equal ? equal : ending) == 1 ? MATCH_PATH : MATCH_AMBIGUOUS;
}

/* Some lists have the names without their endings, which may have a dot inside. */
static enum picture_match find_base(struct pictures *p, const char *name, size_t len,
                                    uint32_t *index)
{
    const char *slash = len ? memrchr(name, '/', len) : NULL;
    const char *base = slash ? slash + 1 : name;
    size_t base_len = len - (size_t)(base - name);
    uint32_t at;
    char text[256];
    index_last_parts(p, &p->bases);
    if (!base_len || base_len >= sizeof text) {
        return MATCH_NONE;
    }
    if (map_get(&p->bases.map, base, base_len, &at)) {
        return choose(p, &p->bases, at, name, len, index);
    }
    memcpy(text, base, base_len);
    text[base_len] = '\0';
    if (image_format_of_name(text)) {
        return MATCH_NONE;
    }
    index_last_parts(p, &p->stems);
    return map_get(&p->stems.map, base, base_len, &at) ? choose(p, &p->stems, at, name, len, index)
                                                       : MATCH_NONE;
}

enum picture_match pictures_find(struct pictures *p, const char *name, size_t len, uint32_t *index)
{
    name = normalized(p, name, len, &len);
    enum picture_match match = find_path(p, name, len, index);
    return match == MATCH_PATH ? match : find_base(p, name, len, index);
}
