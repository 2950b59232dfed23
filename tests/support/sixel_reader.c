#include "sixel_reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sixel.h>

struct sixel_picture sixel_read(const struct buf *bytes)
{
    struct sixel_picture p = { 0 };
    assert_true(bytes->len > 4);
    assert_memory_equal(bytes->data, "\033P", 2);
    assert_ptr_equal(memchr(bytes->data + 1, '\033', bytes->len - 1), bytes->data + bytes->len - 2);
    assert_int_equal(bytes->data[bytes->len - 1], '\\');
    assert_true(
        SIXEL_SUCCEEDED(sixel_decode_raw((unsigned char *)bytes->data, (int)bytes->len, &p.pixels,
                                         &p.width, &p.height, &p.palette, &p.colors, NULL)));
    return p;
}

void sixel_picture_free(struct sixel_picture *picture)
{
    free(picture->pixels);
    free(picture->palette);
}

const uint8_t *sixel_picture_at(const struct sixel_picture *picture, int x, int y)
{
    int index = picture->pixels[y * picture->width + x];
    assert_true(index < picture->colors);
    return picture->palette + 3 * index;
}
