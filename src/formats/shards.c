#include "shards.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "image/decode.h"

#define OVERHEAD 2048 /* bytes beside a picture, at most in most cases */

struct shard_place {
    const struct export_picture *picture;
    uint64_t at;
    size_t shard;
};

struct shards {
    const struct export *e;
    const struct shard_form *form;
    void *context;
    struct shard_place *places; /* of one part */
    size_t count, shard_count;
    struct buf name, picture, out;
};

static int compare(const void *a, const void *b)
{
    const struct shard_place *x = a, *y = b;
    int order = (x->at > y->at) - (x->at < y->at);
    return order ? order : strcmp(x->picture->name, y->picture->name);
}

/* Which pictures are in the part, and in which shard. */
static bool plan(struct shards *s, int part, struct error *err)
{
    size_t size = 0, limit = s->e->options->shard_bytes;
    s->count = 0;
    s->shard_count = 0;
    for (size_t i = 0; i < s->e->picture_count; i++) {
        const struct export_picture *p = &s->e->pictures[i];
        if (p->split == part) {
            s->places[s->count++] =
                (struct shard_place){ p, hash64(p->name, strlen(p->name), (uint64_t)'s'), 0 };
        }
    }
    qsort(s->places, s->count, sizeof *s->places, compare);
    for (size_t i = 0; i < s->count; i++) {
        struct stat st;
        char *path = export_path(s->e, s->places[i].picture, err);
        if (!path) {
            return false;
        }
        size_t more = OVERHEAD + (stat(path, &st) == 0 && st.st_size > 0 ? (size_t)st.st_size : 0);
        free(path);
        if (!s->shard_count || (limit && size + more > limit)) {
            s->shard_count++;
            size = 0;
        }
        size += more;
        s->places[i].shard = s->shard_count - 1;
    }
    return true;
}

static bool add(struct shards *s, struct new_file *file, const struct export_picture *p,
                struct error *err)
{
    char *path = export_path(s->e, p, err);
    buf_clear(&s->picture);
    buf_clear(&s->out);
    bool ok = path && file_read(path, image_limits_default.file_bytes, &s->picture, err) &&
              s->form->add(s->context, s->e, p, &s->picture, &s->out, err);
    if (ok && s->out.failed) {
        ok = error_nomem(err, s->picture.len, path);
    }
    free(path);
    return ok && new_file_add(file, s->out.data, s->out.len, err);
}

/* Writes the shard of the places from `first` on; *end is behind them. */
static bool write_shard(struct shards *s, int part, size_t first, size_t *end, struct error *err)
{
    static const char zeros[1024];
    struct new_file file = { .fd = -1 };
    buf_clear(&s->name);
    s->form->name(&s->name, split_names[part], s->places[first].shard, s->shard_count);
    bool ok = s->name.failed ? error_nomem(err, s->name.len, "a file name")
                             : new_file_begin(&file, s->e->folder, s->name.data, err);
    size_t i = first;
    for (; i < s->count && s->places[i].shard == s->places[first].shard; i++) {
        ok = ok && add(s, &file, s->places[i].picture, err);
    }
    ok = ok && new_file_add(&file, zeros, s->form->tail, err);
    *end = i;
    s->e->report->shards++;
    return new_file_end(&file, ok ? err : NULL) && ok;
}

bool shards_write(struct export *e, const struct shard_form *form, void *context, struct error *err)
{
    struct shards s = { .e = e,
                        .form = form,
                        .context = context,
                        .places = mem_array(e->picture_count, sizeof *s.places) };
    bool ok = s.places || error_nomem(err, e->picture_count * sizeof *s.places, "the shards");
    for (int part = 0; ok && part < SPLITS_MAX; part++) {
        ok = plan(&s, part, err);
        for (size_t i = 0; ok && i < s.count;) {
            ok = write_shard(&s, part, i, &i, err);
        }
    }
    free(s.places);
    buf_release(&s.name);
    buf_release(&s.picture);
    buf_release(&s.out);
    return ok;
}
