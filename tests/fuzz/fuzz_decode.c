/* Any bytes as a picture, with small limits: libFuzzer's entry.
 *
 * seeds: tests/data/pictures
 * options: -max_len=4096
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "image/decode.h"
#include "image/scale.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct image_limits limits = {
        .file_bytes = 1 << 20,
        .pixels = 1 << 17, /* fewer make more tries a second */
        .memory = 8 << 20,
    };
    struct image image;
    struct image small;
    struct image_info info;
    struct error err;
    int want = size ? data[size - 1] % 64 : 0; /* 0: full size */
    if (!image_decode_bytes(data, size, &limits, want, want, &image, &info, &err)) {
        if (image.pixels || err.kind == ERROR_NONE) {
            abort();
        }
        return 0;
    }
    if (image.width < (want < info.width ? want : info.width) ||
        image.height < (want < info.height ? want : info.height)) {
        abort();
    }
    if (!memchr(info.damage, '\0', sizeof(info.damage))) {
        abort();
    }
    if (image_scale(&image, 20, 10, IMAGE_FILTER_LANCZOS, &small, &err)) {
        image_release(&small);
    }
    image_release(&image);
    return 0;
}
