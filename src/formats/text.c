#include "text.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

#include "base/text.h"

#define LOOK_BYTES 4096

static bool convert(const char *path, struct buf *text, size_t skip, const char *from,
                    struct error *err)
{
    iconv_t cd = iconv_open("UTF-8", from);
    struct buf out = BUF_INIT;
    char *in = text->data + skip;
    size_t left = text->len - skip;
    if (cd == (iconv_t)-1) {
        return error_set(err, ERROR_UNSUPPORTED,
                         "%s: is %s, which this system cannot convert; save it as UTF-8", path,
                         from);
    }
    bool ok = true;
    while (ok && left) {
        char part[8192], *to = part;
        size_t room = sizeof part;
        ok = iconv(cd, &in, &left, &to, &room) != (size_t)-1 || errno == E2BIG;
        buf_add(&out, part, sizeof part - room);
    }
    iconv_close(cd);
    if (!ok || out.failed) {
        bool failed = out.failed;
        buf_release(&out);
        return failed ? error_nomem(err, text->len, "the text")
                      : error_set(err, ERROR_DATA, "%s: byte %zu is not valid %s; save it as UTF-8",
                                  path, text->len - left, from);
    }
    buf_release(text);
    *text = out;
    return true;
}

/* "UTF-16LE" or "UTF-16BE", by its mark or because every other byte is NUL at the start. */
static const char *utf16(const struct buf *text, size_t *skip)
{
    const unsigned char *b = (const unsigned char *)text->data;
    *skip = 2;
    if (text->len < 2) {
        return NULL;
    }
    if ((b[0] == 0xff && b[1] == 0xfe) || (b[0] == 0xfe && b[1] == 0xff)) {
        return b[0] == 0xff ? "UTF-16LE" : "UTF-16BE";
    }
    *skip = 0;
    if (text->len < 4 || (b[0] && b[1]) || (!b[0] && !b[1])) {
        return NULL;
    }
    return b[1] == 0 && b[3] == 0 ? "UTF-16LE" : b[0] == 0 && b[2] == 0 ? "UTF-16BE" : NULL;
}

bool text_to_utf8(const char *path, struct buf *text, const char **was, struct error *err)
{
    size_t skip, look = text->len < LOOK_BYTES ? text->len : LOOK_BYTES;
    const char *wide = utf16(text, &skip);
    *was = "";
    if (wide) {
        *was = "UTF-16";
        return convert(path, text, skip, wide, err);
    }
    if (look && memchr(text->data, '\0', look)) {
        return error_set(err, ERROR_DATA, "%s: has NUL bytes: no text", path);
    }
    if (text->len >= 3 && memcmp(text->data, "\xef\xbb\xbf", 3) == 0) {
        memmove(text->data, text->data + 3, text->len - 2); /* and its NUL */
        text->len -= 3;
    }
    if (!text->len || text_valid_prefix(text->data, text->len) == text->len) {
        return true;
    }
    *was = "Windows-1252 (Latin-1)";
    return convert(path, text, 0, "WINDOWS-1252", err);
}
