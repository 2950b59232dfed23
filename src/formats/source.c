/* What several formats need, and no table of them. */
#include <string.h>

#include "format.h"
#include "image/decode.h"

bool not_a_file(const struct source *s, const char *what, struct error *err)
{
    return error_set(err, ERROR_DATA, "%s: a folder, where the file of %s is expected", s->path,
                     what);
}

bool class_is_file_name(const char *class, struct error *err)
{
    if (class[0] == '.' || strchr(class, '/')) {
        return error_set(err, ERROR_UNSUPPORTED,
                         "class '%s' cannot be the name of a folder; rename it, or choose another "
                         "format",
                         class);
    }
    return true;
}

bool picture_size(const char *path, int *width, int *height, struct error *err)
{
    struct image image = IMAGE_INIT;
    struct image_info info;
    if (!image_decode_file(path, NULL, 1, 1, &image, &info, err)) {
        return false;
    }
    *width = info.width;
    *height = info.height;
    image_release(&image);
    return true;
}
