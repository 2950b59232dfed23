#include "disk_cache.h"

#include <errno.h>
#include <stdlib.h>

static bool is_given(const struct settings *s, enum option_id o)
{
    return s->values[o].given;
}

int64_t disk_cache_bytes(const struct settings *s)
{
    bool old = is_given(s, OPTION_EMBEDDINGS) || is_given(s, OPTION_THUMBNAILS);
    int64_t mib =
        old && !is_given(s, OPTION_DISK)
            ? (int64_t)settings_number(s, OPTION_EMBEDDINGS) + settings_number(s, OPTION_THUMBNAILS)
            : settings_number(s, OPTION_DISK);
    return mib << 20;
}

bool disk_cache_keeps(const struct settings *s, enum cache_kind kind)
{
    static const enum option_id old[CACHE_KINDS] = {
        [CACHE_EMBEDDINGS] = OPTION_EMBEDDINGS, [CACHE_THUMBNAILS] = OPTION_THUMBNAILS
    };
    return disk_cache_bytes(s) > 0 && settings_number(s, old[kind]) > 0;
}

bool disk_cache_new(struct cache **cache, const struct settings *s, struct error *err)
{
    char *path = settings_cache_folder();
    *cache = path ? cache_new(path, disk_cache_bytes(s), err) : NULL;
    bool ok = *cache || !path;
    free(path);
    return ok;
}
