#include "formats/pictures.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "base/mem.h"
#include "image/format.h"

#define SEVERAL UINT32_MAX
#define NOTHING UINT32_MAX
#define SAME_MAX 1000 /* pictures of one base name that are compared */

struct pictures {
    struct arena arena;
    char *folder;
    const char **names;
    size_t count, cap;
    struct map by_path;
    struct map by_base; /* made when first needed, as is by_stem: the last picture of a name */
    uint32_t *same;     /* of each picture: the one before it of the same base name */
    struct map by_stem; /* SEVERAL: ambiguous */
    struct buf wanted;
};

struct pictures *pictures_new(const char *folder)
{
    struct pictures *p = calloc(1, sizeof *p);
    if (p && !(p->folder = mem_string(folder, strlen(folder)))) {
        free(p);
        p = NULL;
    }
    if (p) {
        map_init(&p->by_path);
        map_init(&p->by_base);
        map_init(&p->by_stem);
    }
    return p;
}

void pictures_forget_index(struct pictures *p)
{
    map_release(&p->by_path);
    map_release(&p->by_base);
    map_release(&p->by_stem);
    map_init(&p->by_path);
    map_init(&p->by_base);
    map_init(&p->by_stem);
    free(p->same);
    p->same = NULL;
}

void pictures_free(struct pictures *p)
{
    if (!p) {
        return;
    }
    map_release(&p->by_path);
    map_release(&p->by_base);
    map_release(&p->by_stem);
    arena_release(&p->arena);
    buf_release(&p->wanted);
    free(p->folder);
    free(p->same);
    free(p->names);
    free(p);
}

bool pictures_add(struct pictures *p, const char *name, size_t len)
{
    if (p->count >= SEVERAL - 1 ||
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

static void put(struct map *m, const char *key, size_t len, uint32_t index)
{
    uint32_t before;
    map_put(m, key, len, map_get(m, key, len, &before) ? SEVERAL : index);
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

static void index_bases(struct pictures *p)
{
    if (p->by_base.count || !(p->same = mem_array(p->count, sizeof *p->same))) {
        return;
    }
    for (uint32_t i = 0; i < p->count; i++) {
        const char *base = base_of(p->names[i]);
        if (!map_get(&p->by_base, base, strlen(base), &p->same[i])) {
            p->same[i] = NOTHING;
        }
        map_put(&p->by_base, base, strlen(base), i);
    }
}

static void index_stems(struct pictures *p)
{
    if (p->by_stem.count) {
        return;
    }
    for (uint32_t i = 0; i < p->count; i++) {
        const char *base = base_of(p->names[i]);
        put(&p->by_stem, base, stem_len(base), i);
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

static bool ends_in(const char *path, const char *name, size_t len)
{
    size_t path_len = strlen(path);
    return path_len > len && path[path_len - len - 1] == '/' &&
           memcmp(path + path_len - len, name, len) == 0;
}

/* Of those with the base name, the one whose path ends in the name. */
static enum picture_match choose(const struct pictures *p, uint32_t last, const char *name,
                                 size_t len, uint32_t *index)
{
    size_t matches = 0, tries = 0;
    if (p->same[last] == NOTHING) {
        *index = last;
        return ends_in(p->names[last], name, len) && memchr(name, '/', len) ? MATCH_PATH
                                                                            : MATCH_BASE_NAME;
    }
    for (uint32_t i = last; i != NOTHING && tries < SAME_MAX; i = p->same[i], tries++) {
        if (memchr(name, '/', len) && ends_in(p->names[i], name, len)) {
            *index = i;
            matches++;
        }
    }
    return matches == 1 && tries < SAME_MAX ? MATCH_PATH : MATCH_AMBIGUOUS;
}

static enum picture_match found(bool is, uint32_t at, uint32_t *index)
{
    if (!is || at == SEVERAL) {
        return is ? MATCH_AMBIGUOUS : MATCH_NONE;
    }
    *index = at;
    return MATCH_BASE_NAME;
}

/* Some lists have the names without their endings, which may have a dot inside. */
static enum picture_match find_base(struct pictures *p, const char *name, size_t len,
                                    uint32_t *index)
{
    const char *slash = len ? memrchr(name, '/', len) : NULL;
    const char *base = slash ? slash + 1 : name;
    size_t base_len = len - (size_t)(base - name);
    uint32_t at = SEVERAL;
    char text[256];
    index_bases(p);
    if (!base_len || base_len >= sizeof text) {
        return MATCH_NONE;
    }
    if (map_get(&p->by_base, base, base_len, &at)) {
        return choose(p, at, name, len, index);
    }
    memcpy(text, base, base_len);
    text[base_len] = '\0';
    if (image_format_of_name(text)) {
        return MATCH_NONE;
    }
    index_stems(p);
    bool is = map_get(&p->by_stem, base, base_len, &at);
    return found(is, at, index);
}

enum picture_match pictures_find(struct pictures *p, const char *name, size_t len, uint32_t *index)
{
    name = normalized(p, name, len, &len);
    enum picture_match match = find_path(p, name, len, index);
    return match == MATCH_PATH ? match : find_base(p, name, len, index);
}
